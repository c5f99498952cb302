//! Deployments that nobody disturbs: what they deploy decides how they end.

use crate::{
    lab::Lab,
    scenarios::{QUICK, Scene, service},
};

#[test]
fn a_good_update_ends_healthy_and_the_same_once_more_writes_nothing() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "good");
    let web = |tag| service("web", tag, "replicas: 2");
    let db = "db: {image: skep-workload:1}";
    scene.deploy(&[&web("1"), db]).with(0, "");
    scene.deploy(&[&web("2"), db]).with(0, "update service good_web");
    scene.stands("db 1, web 2", &["healthy", "healthy"]);
    scene.runs("db 1, web 2");
    let before = scene.inspect();
    scene.deploy(&[&web("2"), db]).with(0, "");
    assert_eq!(scene.inspect(), before);
    scene.stands("db 1, web 2", &["healthy", "healthy"]);
}

/// Deploys something good, then `second`, which is taken back for this reason.
#[track_caller]
fn check_way_back(stack: &'static str, second: &str, because: &str) {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, stack);
    scene.deploy(&[&service("web", "1", "replicas: 2")]).with(0, "");
    let before = scene.specs();
    scene.deploy(&[second]).with(3, because);
    assert_eq!(scene.specs(), before);
    scene.stands("web 1", &["rolled-back", "healthy"]);
    scene.runs("web 2");
}

#[test]
fn a_crash_loop_is_taken_back() {
    check_way_back("crash", &service("web", "bad", "replicas: 2"), "crash_web: ");
}

#[test]
fn a_service_that_falls_ill_is_taken_back() {
    let ill = "web: {image: skep-workload:2, command: [--unhealthy-after, '1', \
               --ignore-term], stop_grace_period: 1s, healthcheck: {test: [CMD, /workload, health], interval: 1s, timeout: 1s, \
               retries: 2}, deploy: {replicas: 2, update_config: {monitor: 1s}}}";
    check_way_back("ill", ill, "unhealthy");
}

#[test]
fn an_image_that_no_node_can_have_is_taken_back() {
    check_way_back("imageless", &service("web", "nowhere", "replicas: 2"), "No such image");
}

#[test]
fn an_engine_that_goes_back_by_itself_is_watched_until_it_is_there() {
    let rolling = |tag| {
        service("web", tag, "replicas: 2, update_config: {failure_action: rollback, monitor: 3s}")
    };
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "rolling");
    scene.deploy(&[&rolling("1")]).with(0, "");
    let before = scene.specs();
    // The reason is the task's, and not that the engine went back.
    scene.deploy(&[&rolling("bad")]).with(3, "non-zero exit (1)");
    assert_eq!(scene.specs(), before);
    scene.stands("web 1", &["rolled-back", "healthy"]);
    scene.runs("web 2");
}

#[test]
fn the_reason_is_the_task_whatever_the_engine_does_about_it() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "reasons");
    for mode in ["replicas: 2", "mode: global"] {
        for order in ["stop-first", "start-first"] {
            let web = |tag| {
                let config = format!("update_config: {{failure_action: rollback, order: {order}}}");
                service("web", tag, &format!("{mode}, {config}"))
            };
            scene.deploy(&[&web("1")]).with(0, "");
            scene.deploy(&[&web("nowhere")]).with(3, "No such image: skep-workload:nowhere");
            scene.deploy(&[&web("bad")]).with(3, "non-zero exit (1)");
            // Unlike docker, it waits until the networks are gone, too.
            assert!(scene.skep(&["rm", "reasons"]).output().unwrap().status.success());
        }
    }
}

#[test]
fn what_ended_well_and_is_not_started_again_is_there() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "once");
    let once = "init: {image: busybox, command: ['true'], deploy: {replicas: 1, restart_policy: \
                {condition: on-failure}, labels: {skep.window: 2s, skep.deadline: 60s}}}";
    let ended = scene.deploy(&[once]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
}

#[test]
fn the_engines_way_back_of_a_job_ends() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "again");
    let job = |millis: u64| {
        format!(
            "job: {{image: skep-workload:1, command: [--exit-after, '{millis}', --code, '0'], \
             deploy: {{mode: replicated-job, replicas: 2, restart_policy: {{condition: none}}, {QUICK}}}}}"
        )
    };
    scene.deploy(&[&job(100)]).with(0, "");
    scene.deploy(&[&job(200)]).with(0, "");
    let back = scene.skep(&["service", "rollback", "again_job"]).output().unwrap();
    assert!(back.status.success(), "{}", String::from_utf8_lossy(&back.stderr));
    scene.begin(&[&job(100)], &[]).end().with(0, "does not run again");
    scene.begin(&[&job(100)], &["--rerun-jobs"]).end().with(0, "update service again_job");
}

#[test]
fn a_service_that_fits_on_no_node_is_taken_back() {
    let huge = service("web", "2", "replicas: 2, resources: {reservations: {cpus: '900'}}");
    check_way_back("huge", &huge, "insufficient resources");
}

#[test]
fn a_published_port_of_another_stack_stops_it_before_anything_is_touched() {
    let Some(lab) = Lab::shared() else { return };
    let [first, second] = ["port-first", "port-second"].map(|it| Scene::new(lab, it));
    let web = format!("web: {{image: skep-workload:1, ports: ['18931:80'], deploy: {{{QUICK}}}}}");
    first.deploy(&[&web]).with(0, "");
    second.deploy(&[&web]).with(1, "18931");
    second.is_clean();
    assert!(second.specs().is_empty());
}

#[test]
fn a_job_that_completes_is_healthy_and_one_that_fails_is_taken_back() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "jobs");
    let job = |code: &str| {
        format!(
            "job: {{image: skep-workload:1, command: [--exit-after, '200', --code, '{code}'], \
             deploy: {{mode: replicated-job, replicas: 2, restart_policy: \
             {{condition: on-failure, delay: 200ms, max_attempts: 1}}, {QUICK}}}}}"
        )
    };
    scene.deploy(&[&job("0")]).with(0, "");
    let before = scene.specs();
    scene.deploy(&[&job("7")]).with(3, "jobs_job: ");
    assert_eq!(scene.specs(), before);
    scene.stands("job 1", &["rolled-back", "healthy"]);
}

#[test]
fn where_the_second_of_three_fails_the_first_goes_back_and_the_third_is_never_touched() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "three");
    let three = |tags: [&str; 3]| {
        let [a, b, c] = tags;
        let line = |name, tag, on: &str| {
            service(name, tag, "replicas: 1").replacen('{', &format!("{{depends_on: [{on}], "), 1)
        };
        [line("a", a, ""), line("b", b, "a"), line("c", c, "b")]
    };
    let deploy = |tags| {
        let lines = three(tags);
        scene.deploy(&[&lines[0], &lines[1], &lines[2]])
    };
    deploy(["1", "1", "1"]).with(0, "");
    let before = scene.inspect();
    deploy(["2", "bad", "2"]).with(3, "three_b: ");
    let after = scene.inspect();
    let specs =
        |of: &[serde_json::Value]| -> Vec<_> { of.iter().map(|it| it["Spec"].clone()).collect() };
    assert_eq!(specs(&after), specs(&before));
    let third = |of: &[serde_json::Value]| {
        of.iter().find(|it| it["Spec"]["Name"] == "three_c").unwrap()["Version"].clone()
    };
    assert_eq!(third(&after), third(&before));
    scene.stands("a 1, b 1, c 1", &["rolled-back", "healthy"]);
}

#[test]
fn it_goes_back_to_what_was_seen_healthy_and_not_to_what_was_there() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "ailing");
    let web = |tag, extra| service("web", tag, extra);
    scene.deploy(&[&web("1", "replicas: 1")]).with(0, "");
    let healthy = scene.specs();
    // Somebody breaks it by hand.
    let image = ["service", "update", "--detach", "--no-resolve-image", "--image"];
    scene.docker(&[&image[..], &["skep-workload:bad", "ailing_web"]].concat());
    scene.sees("web", "bad");
    scene.deploy(&[&web("nowhere", "replicas: 1")]).with(3, "No such image");
    let spec = &scene.specs()["web"]["TaskTemplate"]["ContainerSpec"];
    assert_eq!(*spec, healthy["web"]["TaskTemplate"]["ContainerSpec"]);
    scene.stands("web 1", &["rolled-back", "healthy"]);
    scene.runs("web 1");
}
