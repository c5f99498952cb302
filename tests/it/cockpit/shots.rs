//! Screens as text, and those that were approved.

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

/// Returns the text in a buffer, without the spaces at the ends of its lines.
pub fn text(buffer: &Buffer) -> String {
    let row = |y| {
        let mut row = String::new();
        let mut covered = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer.cell((x, y)).map_or(" ", |it| it.symbol());
            if covered == 0 {
                row.push_str(symbol);
            }
            covered = covered.max(symbol.width()).saturating_sub(1);
        }
        row.trim_end().to_owned() + "\n"
    };
    (0..buffer.area.height).map(row).collect()
}

/// Compares the screen with the one that was approved.
#[track_caller]
pub fn approve(name: &str, screen: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, screen));
}
