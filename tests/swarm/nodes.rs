//! Variants of what nodes refuse, on a real swarm: what is an error here starts nowhere
//! there, and what is none runs.

use crate::{lab::Lab, wait::wait_until};
use skep::domain::compose::{ComposeFile, Files, Severity, Surroundings, examine};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(120);

/// Keys of services that every node refuses.
const REFUSED: &[&str] = &[
    "hostname: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ulimits: {nofile: {soft: 65536, hard: 1024}}",
    "ulimits: {nofile: 3}",
    "ulimits: {nofiles: 1024}",
    "sysctls: {vm.max_map_count: 262144}",
    "sysctls: ['net.core.somaxconn = 1024']",
    "sysctls: {net.core.somaxconn: abc}",
    "sysctls: {net.ipv4.ip_local_port_range: 1024-65000}",
    "cap_add: [NONSENSE]",
    "logging: {driver: json-file, options: {max_file: '3'}}",
    "logging: {options: {max_size: 1m}}",
    "logging: {driver: json-file, options: {tag: '{{.Node.Hostname}}'}}",
    "logging: {driver: json-file, options: {env-regex: '('}}",
    "logging: {driver: fluentd, options: {fluentd-async: 'true', fluentd-address: '1.2.3.4:x'}}",
    "logging: {driver: fluentd, options: {fluentd-async: 'true', fluentd-retry-wait: '5'}}",
    "logging: {driver: syslog, options: {syslog-address: 'udp://127.0.0.1:65536'}}",
    "stop_signal: SIGQUITT",
    "working_dir: '{{.Node.Hostname}}'",
    "working_dir: relative/dir",
    "user: 'root '",
    "volumes: ['data:rel']",
    "volumes: ['data:{{.Task.Slot}}']",
    "volumes: ['data:/etc/hosts']",
    "volumes: ['data:/dev']",
    "volumes: ['data:/proc/cpuinfo']",
    "volumes: [{type: tmpfs, target: /proc/cpuinfo}]",
    "volumes: ['blank:/x']",
    "volumes: ['home:/x']",
    "configs: [{source: c, target: /proc/x}]",
];

/// Keys that look like those, and that nodes take.
const FINE: &[&str] = &[
    "hostname: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ulimits: {NOFILE: 1024}",
    "ulimits: {nofile: 64}",
    "sysctls: {net/core/somaxconn: 1024}",
    "sysctls: {net.core.somaxconn: '0x10'}",
    "sysctls: {net.ipv4.ip_local_port_range: 1024 65000}",
    "cap_drop: [ALL, NONSENSE]",
    "cap_add: [cap_net_admin]",
    "logging: {driver: json-file, options: {max-size: 10 MB, max-file: '3'}}",
    "logging: {driver: json-file, options: {tag: '{{upper .Name}}/{{.ContainerLabels.x}}'}}",
    "logging: {driver: fluentd, options: {fluentd-async: 'true', fluentd-address: 'tcp://1.2.3.4:1/x'}}",
    "logging: {driver: syslog, options: {syslog-address: 'udp://127.0.0.1:514/x'}}",
    "stop_signal: '3'",
    "working_dir: '/{{.Node.Hostname}}'",
    "user: '1000:1000'",
    "volumes: ['data:/dev/pts']",
    "volumes: ['/etc/hostname:/proc/cpuinfo']",
    "volumes: ['/etc/hostname:/etc/hosts']",
    "volumes: ['folder:/x']",
    "configs: [{source: c, target: /proc/stat}]",
    "configs: [{source: c, target: '../c'}]",
    "environment: ['A={{if .Task.Slot}}a{{else}}b{{end}}', 'B={{index .Service.Labels \"x\"}}']",
];

/// What the engine itself refuses, whatever else is in the stack.
const NEVER: &[&str] = &[
    "environment: ['A={{.Service.Labels.x}}']",
    "environment: ['A={{if .Task.Slot}}x']",
    "environment: ['A={{end}}']",
    "environment: ['A={{ range }}']",
    "environment: ['A={{len}}']",
    "environment: ['A={{\"x}}']",
    "hostname: '{{.Nope}}'",
];

const SECTIONS: &str = "\
volumes:
  data: {}
  blank: {driver_opts: {type: tmpfs, device: tmpfs, o: ' size=1m'}}
  home: {driver_opts: {type: none, o: bind, device: ~/x}}
  folder: {driver_opts: {type: none, o: 'bind, ro', device: /tmp}}
configs:
  c: {file: ./app.conf}
";

const REST: &str = "image: busybox, command: [sleep, '900'], stop_grace_period: 1s, deploy: {restart_policy: {condition: none}}";

fn text(services: &[(String, &str)]) -> String {
    let lines = services.iter().map(|(name, keys)| format!("  {name}: {{{REST}, {keys}}}\n"));
    format!("services:\n{}{SECTIONS}", lines.collect::<Vec<_>>().concat())
}

fn named<'a>(front: &str, all: &[&'a str]) -> Vec<(String, &'a str)> {
    all.iter().zip(1..).map(|(keys, number)| (format!("{front}{number}"), *keys)).collect()
}

/// The one file that the config is made of.
struct AppConf;

impl Files for AppConf {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(b"port = 80\n".to_vec())
    }

    fn exists(&self, _: &Path) -> bool {
        true
    }
}

/// Returns the services that have errors.
fn refused(text: &str) -> BTreeSet<String> {
    let files = [ComposeFile { name: "web.yml".into(), bytes: text.as_bytes().to_vec() }];
    let environment = BTreeMap::from([("HOME".to_owned(), "/root".to_owned())]);
    let around = Surroundings { environment: &environment, working_dir: "/dir", files: &AppConf };
    let (_, loaded) = examine(&files, &around, &"stack".parse().unwrap(), None, |_| Vec::new());
    let errors = loaded.findings.iter().filter(|it| it.severity() == Severity::Error);
    let mut found = BTreeSet::new();
    for error in errors {
        let of_volume = [("volume blank", "volumes: ['blank"), ("volume home", "volumes: ['home")];
        let of_volume = of_volume.iter().find(|it| error.message.starts_with(it.0));
        let name = match (error.message.strip_prefix("service "), of_volume) {
            (Some(rest), _) => rest.split(':').next().unwrap().to_owned(),
            (None, Some((_, keys))) => {
                let at = REFUSED.iter().position(|it| it.starts_with(keys)).unwrap();
                format!("bad{}", at + 1)
            }
            (None, None) => panic!("{}", error.message),
        };
        found.insert(name);
    }
    found
}

#[test]
fn every_variant_is_judged_as_nodes_do() {
    let (bad, fine) = (named("bad", REFUSED), named("fine", FINE));
    let found = refused(&text(&[&bad[..], &fine].concat()));
    for (name, keys) in &bad {
        assert!(found.contains(name), "nothing is said of {name}: {keys}");
    }
    for (name, keys) in &fine {
        assert!(!found.contains(name), "{name} is no error: {keys}");
    }
    for keys in NEVER {
        let one = named("never", &[keys]);
        assert!(refused(&text(&one)).contains("never1"), "nothing is said of {keys}");
    }
}

#[test]
fn nodes_refuse_the_variants_that_are_errors_and_run_the_others() {
    let Some(lab) = Lab::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.conf"), "x\n").unwrap();
    let deploy = |text: &str, stack: &str| {
        let file = folder.path().join("web.yml");
        fs::write(&file, text).unwrap();
        let file = file.display().to_string();
        let line = ["stack", "deploy", "--resolve-image", "never", "-c", &file, stack];
        lab.docker_command("node1", &line).output().unwrap()
    };
    for keys in NEVER {
        let output = deploy(&text(&named("never", &[keys])), "variants-never");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("expanding"), "{keys}: {said}");
    }
    lab.remove_stack("variants-never");

    let all = [named("bad", REFUSED), named("fine", FINE)].concat();
    let output = deploy(&text(&all), "variants");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let line = ["stack", "ps", "--no-trunc", "--format", "{{.Name}} {{.CurrentState}}", "variants"];
    let states = || -> BTreeMap<String, String> {
        let out = lab.docker(&line);
        let rows = out.lines().filter_map(|it| {
            let (name, state) = it.strip_prefix("variants_")?.split_once(' ')?;
            let name = name.split('.').next()?.to_owned();
            Some((name, state.split(' ').next()?.to_owned()))
        });
        rows.collect()
    };
    let over = |it: &String| ["Failed", "Rejected"].contains(&it.as_str());
    wait_until("every task to have run or failed", PATIENCE, || {
        let states = states();
        all.iter().all(|(name, _)| states.get(name).is_some_and(|it| over(it) || it == "Running"))
    });
    let states = states();
    for (name, keys) in &all {
        let state = &states[name];
        assert_eq!(over(state), name.starts_with("bad"), "{name} is {state}: {keys}");
    }
    lab.remove_stack("variants");
}
