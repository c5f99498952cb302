//! How a cockpit in memory is set, and the files it opens.

use jiff::tz::TimeZone;
use skep::{
    config::values::Recovery,
    domain::logs::Window,
    projects::templates::Templates,
    tui::world::{CockpitSettings, ContextRow, LogSetting},
};
use std::{sync::Arc, time::Duration};

/// Returns how the cockpit is set.
pub fn setting() -> CockpitSettings {
    let row = |name: &str, address: &str| ContextRow {
        name: name.to_owned(),
        address: address.to_owned(),
    };
    CockpitSettings {
        context: "prod-eu".to_owned(),
        address: "unix:///var/run/docker.sock".to_owned(),
        demo: false,
        read_only: false,
        holder: "ann@m1 (pid 1)".to_owned(),
        production: false,
        header: true,
        hints: true,
        function_keys: true,
        recovery: Recovery::Ask,
        refresh: Duration::from_secs(5),
        keep: 10,
        logs: LogSetting {
            lines: 10_000,
            tail: 100,
            window: Window::Tail,
            timestamps: true,
            wrap: false,
            colours: true,
        },
        contexts: vec![
            row("default", "unix:///var/run/docker.sock"),
            row("prod-eu", "ssh://ops@m1.prod-eu.bees.example"),
            row("staging", "tcp://10.20.0.4:2376"),
            row("demo", "a made-up cluster"),
        ],
        templates: Arc::new(Templates::read(None)),
        zone: TimeZone::UTC,
    }
}

/// Returns a compose file without errors.
pub fn blog() -> &'static str {
    "\
services:
  web:
    image: ghost:5.87
    ports: [\"8080:2368\"]
    deploy: {replicas: 2}
  db:
    image: mysql:8.4
    volumes: [\"data:/var/lib/mysql\"]
volumes:
  data: {}
"
}

/// Returns a compose file with an error and a warning in it.
pub fn demo_file() -> &'static str {
    "\
# The blog, and what it needs.
services:
  web:
    image: ghost:5.87   # the newest that was tried
    ports: [\"8080:2368\"]
    environment:
      url: \"https://blog.bees.example\"
      database__connection__host: db
    depnds_on: [db]
    deploy:
      replicas: 2
      update_config: {order: start-first, failure_action: rollback}
  db:
    image: mysql:8.4
    environment:
      MYSQL_ROOT_PASSWORD: ${MYSQL_PASSWORD}
    volumes: [\"data:/var/lib/mysql\"]
    networks: [backend]
volumes:
  data: {}
"
}

/// Shares a list, as views do.
pub fn shared<T>(list: Vec<T>) -> Arc<[T]> {
    list.into()
}
