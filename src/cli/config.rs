//! `skep config`: lists the settings in force, and where each comes from.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        table::{Cell, CellTone, Column},
    },
    config::{EffectiveSetting, SettingOrigin},
    domain::text::path::ShownPath,
};
use async_trait::async_trait;
use clap::Args;
use serde::Serialize;
use serde_json::json;

/// Show the settings in force, and where each comes from
#[derive(Debug, Args)]
pub struct Config {
    /// Print the path of your settings file instead
    #[arg(long)]
    path: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    setting: String,
    value: toml::Value,
    from: String,
    #[serde(skip)]
    default: bool,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("SETTING", |it| it.setting.as_str().into()),
    Column::left("VALUE", |it| it.value.to_string().into()),
    Column::left("FROM", |it| {
        Cell::toned(&it.from, if it.default { CellTone::Muted } else { CellTone::Plain })
    }),
];

#[async_trait]
impl Run for Config {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        if self.path {
            let Some(path) = desk.places.user.path() else {
                let hint = "set HOME, or name a file with --config or SKEP_CONFIG";
                return Err(Failure::new(
                    "the folder of your settings is not known",
                    Some(hint.to_owned()),
                ));
            };
            if page.json {
                page.json(&json!({ "path": path.display().to_string() }))?;
            } else {
                writeln!(page.out, "{}", path.shown())?;
            }
            return Ok(Exit::Done);
        }
        let settings = desk.settings.settings();
        page.rows(COLUMNS, &settings.into_iter().map(row).collect::<Vec<_>>())?;
        Ok(Exit::Done)
    }
}

fn row(setting: EffectiveSetting<'_>) -> Row {
    Row {
        setting: setting.path,
        value: setting.value,
        from: setting.origin.to_string(),
        default: *setting.origin == SettingOrigin::Default,
    }
}
