use jiff::Timestamp;
use skep::{domain::{audit::Operator, logs::Window}, engine::{Engine, fake::FakeEngine}, jobs::{session::Session, watch::Pace}, tui::{keymap::Keymap, run::{Start, run}, terminal, theme::Theme, world::{LogSetting, Setting}}};
use std::{sync::Arc, time::Duration};
#[tokio::main]
async fn main() {
    terminal::restore_on_panic();
    let engine: Arc<dyn Engine> = match std::env::args().nth(1) {
        Some(host) => { let around = skep::engine::context::Surroundings::of_process(); let wish = skep::engine::context::Wish { host: Some(host), context: None };
            Arc::new(skep::engine::docker::connect(skep::engine::context::find(&wish, &around).unwrap().endpoint)) }
        None => Arc::new(FakeEngine::demo(7, Timestamp::now())),
    };
    let session = Session { engine: engine.clone(), store: None, who: Operator { user: "me".into(), from: None, host: "h".into() }, context: "demo".into() };
    let setting = Setting { context: "demo".into(), address: engine.address(), demo: true, read_only: false, refresh: Duration::from_secs(5), logs: LogSetting { lines: 100_000, tail: 200, window: Window::Tail, timestamps: true, wrap: false, colours: true }, contexts: vec![], zone: jiff::tz::TimeZone::UTC };
    run(Start { session, setting, keymap: Keymap::default(), theme: Theme::default(), pace: Pace::default(), mouse: false, history: vec![], view: None }).await.unwrap();
}
