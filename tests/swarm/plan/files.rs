//! Stack files for plans: some written by hand, some made up.

/// Files that use what people use.
pub const REAL: &[&str] = &[
    r#"
version: "3.9"
services:
  web:
    image: skep-workload:1
    command: ["--lines", "1"]
    environment: {B: "2", A: "1"}
    labels: {tier: front}
    stop_grace_period: 1s
    healthcheck: {test: ["CMD", "/workload", "health"], interval: 2s, retries: 5}
    ports: ["18080:8080", {target: 9000, published: 19000, mode: host}]
    deploy:
      replicas: 2
      labels: {team: a}
      update_config: {parallelism: 2, order: start-first}
      restart_policy: {condition: on-failure, delay: 1s}
      resources: {limits: {memory: 64M}, reservations: {cpus: "0.01"}}
      placement: {constraints: [node.role == worker]}
  api:
    image: skep-workload:1
    command: --lines 1
    networks: {back: {aliases: [backend]}}
    volumes: ["data:/data", {type: tmpfs, target: /tmp}]
    configs: [{source: app, target: /app.conf, mode: 0440}]
    init: true
    ulimits: {nofile: 1024}
    logging: {driver: json-file, options: {max-size: 1m}}
networks: {back: {}}
volumes: {data: {}}
configs: {app: {file: /etc/hostname}}
"#,
    r#"
version: "3.9"
services:
  everywhere:
    image: skep-workload:1
    command: ["--lines", "1"]
    restart: always
    dns: [192.0.2.53]
    extra_hosts: ["db:192.0.2.9"]
    cap_add: [NET_ADMIN]
    sysctls: {net.core.somaxconn: 1024}
    deploy: {mode: global, endpoint_mode: dnsrr, rollback_config: {}}
"#,
];

/// A stack file made up of choices, of which a few change from one to the next.
#[derive(Debug, Clone)]
pub struct Variant {
    services: Vec<Choice>,
}

#[derive(Debug, Clone)]
struct Choice {
    here: bool,
    image: u8,
    replicas: u8,
    environment: u8,
    label: u8,
    deploy_label: u8,
    constraint: u8,
    order: u8,
    monitor: u8,
    grace: u8,
    health: u8,
    init: u8,
}

const NAMES: [&str; 4] = ["one", "two", "three", "four"];

impl Variant {
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let services = NAMES.iter().map(|_| {
            let mut choice = Choice {
                here: true,
                image: 0,
                replicas: 1,
                environment: 0,
                label: 0,
                deploy_label: 0,
                constraint: 0,
                order: 0,
                monitor: 0,
                grace: 0,
                health: 0,
                init: 0,
            };
            choice.change(&mut random);
            choice.here = true;
            choice
        });
        Self { services: services.collect() }
    }

    /// Changes up to two things of up to three services.
    pub fn changed(&self, seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9));
        let mut next = self.clone();
        for _ in 0..=random.below(3) {
            let at = usize::from(random.below(4));
            for _ in 0..=random.below(2) {
                next.services[at].change(&mut random);
            }
        }
        // A stack without services is not a stack file.
        next.services[0].here = true;
        next
    }

    pub fn text(&self) -> String {
        let here = NAMES.iter().zip(&self.services).filter(|it| it.1.here);
        let services: String = here.map(|(name, choice)| choice.text(name)).collect();
        format!("version: \"3.9\"\nservices:\n{services}")
    }
}

impl Choice {
    fn change(&mut self, random: &mut Random) {
        let mut flip = |field: &mut u8, most: u8| *field = random.below(most);
        match flip_which(&mut flip) {
            0 => flip(&mut self.image, 2),
            1 => flip(&mut self.replicas, 3),
            2 => flip(&mut self.environment, 3),
            3 => flip(&mut self.label, 2),
            4 => flip(&mut self.deploy_label, 3),
            5 => flip(&mut self.constraint, 3),
            6 => flip(&mut self.order, 3),
            7 => flip(&mut self.monitor, 2),
            8 => flip(&mut self.grace, 3),
            9 => flip(&mut self.health, 2),
            10 => flip(&mut self.init, 3),
            _ => self.here = !self.here,
        }
    }

    fn text(&self, name: &str) -> String {
        let mut text = format!(
            "  {name}:\n    image: skep-workload:{}\n    command: [\"--lines\", \"1\"]\n",
            self.image + 1
        );
        let mut line = |it: &str| text.push_str(&format!("    {it}\n"));
        line(
            ["", "environment: {A: \"1\"}", "environment: {A: \"2\", B: x}"]
                [usize::from(self.environment)],
        );
        line(["", "labels: {a: b}"][usize::from(self.label)]);
        line(["", "stop_grace_period: 1s", "stop_grace_period: 0s"][usize::from(self.grace)]);
        line(["", "healthcheck: {disable: true}"][usize::from(self.health)]);
        line(["", "init: true", "init: false"][usize::from(self.init)]);
        let constraints = [
            "",
            ", placement: {constraints: [node.platform.os == linux]}",
            ", placement: {constraints: [node.role == worker]}",
        ];
        let order = ["", ", order: start-first", ", order: stop-first"][usize::from(self.order)];
        let monitor = ["1s", "2s"][usize::from(self.monitor)];
        let deploy_label =
            ["", ", labels: {x: y}", ", labels: {x: z}"][usize::from(self.deploy_label)];
        line(&format!(
            "deploy: {{replicas: {}, update_config: {{parallelism: 0, monitor: {monitor}{order}}}{deploy_label}{}}}",
            self.replicas + 1,
            constraints[usize::from(self.constraint)],
        ));
        text
    }
}

fn flip_which(flip: &mut impl FnMut(&mut u8, u8)) -> u8 {
    let mut which = 0;
    flip(&mut which, 12);
    which
}

/// Small, and the same on every machine (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u8) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u8::try_from(self.0 % u64::from(end)).unwrap()
    }
}
