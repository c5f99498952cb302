//! A screen as a picture: text where there are letters, strokes where there are
//! borders, so that it is crisp at every size and with every font.

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use std::{collections::BTreeMap, fmt::Write};
use unicode_width::UnicodeWidthStr;

/// Columns and rows in units of the picture.
const COLUMN: f32 = 8.0;
const ROW: f32 = 17.0;
const MARGIN: f32 = 12.0;
/// From the top of a row to the line its letters stand on.
const BASELINE: f32 = 12.5;

const GROUND: &str = "#16181d";
const TEXT: &str = "#d3d7de";

/// The sixteen colours of a terminal, dark.
const PALETTE: [&str; 16] = [
    "#2b2f38", "#f0717a", "#9ccb7b", "#e6b85c", "#6ea8f0", "#c58af0", "#5cc4cf", "#d3d7de",
    "#737b8a", "#ff8f96", "#b5e08f", "#ffd27a", "#8fc1ff", "#dba8ff", "#7fe0ea", "#ffffff",
];

/// How a cell is drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Ink {
    color: String,
    ground: Option<String>,
    bold: bool,
    italic: bool,
    underlined: bool,
}

/// Strokes by colour and weight.
type Strokes = BTreeMap<(String, u8), String>;

/// Draws a screen.
pub fn svg(buffer: &Buffer) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let width = f32::from(columns) * COLUMN + 2.0 * MARGIN;
    let height = f32::from(rows) * ROW + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace,'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace\" \
         font-size=\"13.3\" fill=\"{TEXT}\" xml:space=\"preserve\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{GROUND}\"/>\n"
    );
    let mut grounds = String::new();
    let mut texts = String::new();
    for y in 0..rows {
        for run in runs(buffer, y) {
            run.draw(y, &mut grounds, &mut texts);
        }
    }
    svg.push_str(&grounds);
    for ((color, weight), path) in strokes(buffer) {
        let wide = if weight == 2 { 2.4 } else { 1.0 };
        writeln!(
            svg,
            "<path d=\"{path}\" stroke=\"{color}\" stroke-width=\"{wide}\" fill=\"none\"/>"
        )
        .unwrap();
    }
    svg.push_str(&texts);
    svg.push_str("</svg>\n");
    svg
}

/// Neighbours that look the same.
struct Run {
    x: u16,
    width: u16,
    text: String,
    ink: Ink,
}

impl Run {
    fn draw(&self, y: u16, grounds: &mut String, texts: &mut String) {
        let (left, top) = (at(self.x, COLUMN), at(y, ROW));
        let width = f32::from(self.width) * COLUMN;
        if let Some(ground) = &self.ink.ground {
            writeln!(
                grounds,
                "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{ROW}\" \
                 fill=\"{ground}\"/>"
            )
            .unwrap();
        }
        let text = self.text.trim_end();
        let indent = text.chars().take_while(|it| *it == ' ').count();
        let text = text.trim_start();
        if text.is_empty() {
            return;
        }
        let left = left + COLUMN * f32::from(u16::try_from(indent).unwrap());
        let length = COLUMN * f32::from(u16::try_from(text.width()).unwrap());
        let mut look = String::new();
        if self.ink.color != TEXT {
            write!(look, " fill=\"{}\"", self.ink.color).unwrap();
        }
        for (on, attribute) in [
            (self.ink.bold, " font-weight=\"bold\""),
            (self.ink.italic, " font-style=\"italic\""),
            (self.ink.underlined, " text-decoration=\"underline\""),
        ] {
            look.push_str(if on { attribute } else { "" });
        }
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let baseline = top + BASELINE;
        writeln!(
            texts,
            "<text x=\"{left}\" y=\"{baseline}\" textLength=\"{length}\"{look}>{text}</text>"
        )
        .unwrap();
    }
}

fn runs(buffer: &Buffer, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for x in 0..buffer.area.width {
        let cell = buffer.cell((x, y)).unwrap();
        let (ink, symbol) = (ink(cell), cell.symbol());
        let symbol = if arms(symbol).is_some() { " " } else { symbol };
        let near = |it: &&mut Run| {
            it.x + it.width == x && (it.ink == ink || symbol == " " && it.ink.ground == ink.ground)
        };
        match runs.last_mut().filter(near) {
            // Wide gaps are left out: fonts differ most in long lines.
            Some(run) if !(symbol != " " && run.text.ends_with("  ")) => {
                run.width += 1;
                run.text.push_str(symbol);
            }
            _ => runs.push(Run { x, width: 1, text: symbol.to_owned(), ink }),
        }
    }
    runs
}

fn ink(cell: &Cell) -> Ink {
    let (mut color, mut ground) = (color(cell.fg), color(cell.bg));
    let has = |it| cell.modifier.contains(it);
    if has(Modifier::REVERSED) {
        let front = color.take().unwrap_or_else(|| TEXT.to_owned());
        color = Some(ground.take().unwrap_or_else(|| GROUND.to_owned()));
        ground = Some(front);
    }
    Ink {
        color: color.unwrap_or_else(|| TEXT.to_owned()),
        ground,
        bold: has(Modifier::BOLD),
        italic: has(Modifier::ITALIC),
        underlined: has(Modifier::UNDERLINED),
    }
}

fn color(color: Color) -> Option<String> {
    let index = match color {
        Color::Reset => return None,
        Color::Rgb(red, green, blue) => return Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(index) => return Some(indexed(index)),
    };
    Some(PALETTE[index].to_owned())
}

/// The 256 colours of xterm: sixteen, a cube of six by six by six, and greys.
fn indexed(index: u8) -> String {
    let level = |it: u8| if it == 0 { 0 } else { 55 + 40 * it };
    match index {
        0..=15 => PALETTE[usize::from(index)].to_owned(),
        16..=231 => {
            let it = index - 16;
            let (red, green, blue) = (level(it / 36), level(it / 6 % 6), level(it % 6));
            format!("#{red:02x}{green:02x}{blue:02x}")
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

/// Which arms a border has (left, right, up, down), and how heavy it is.
fn arms(symbol: &str) -> Option<([bool; 4], u8)> {
    let (arms, weight) = match symbol {
        "─" => ([1, 1, 0, 0], 1),
        "│" => ([0, 0, 1, 1], 1),
        "┌" => ([0, 1, 0, 1], 1),
        "┐" => ([1, 0, 0, 1], 1),
        "└" => ([0, 1, 1, 0], 1),
        "┘" => ([1, 0, 1, 0], 1),
        "━" => ([1, 1, 0, 0], 2),
        "┃" => ([0, 0, 1, 1], 2),
        "┏" => ([0, 1, 0, 1], 2),
        "┓" => ([1, 0, 0, 1], 2),
        "┗" => ([0, 1, 1, 0], 2),
        "┛" => ([1, 0, 1, 0], 2),
        _ => return None,
    };
    Some((arms.map(|it| it == 1), weight))
}

/// Draws borders; what goes straight on is one stroke.
fn strokes(buffer: &Buffer) -> Strokes {
    let mut strokes = Strokes::new();
    let at_cell = |x, y| {
        let cell = buffer.cell((x, y))?;
        let (arms, weight) = arms(cell.symbol())?;
        Some((arms, (ink(cell).color, weight)))
    };
    let mut add = |key: &(String, u8), text: String| {
        strokes.entry(key.clone()).or_default().push_str(&text);
    };
    for y in 0..buffer.area.height {
        let cells = (0..buffer.area.width).map(|x| at_cell(x, y));
        for (key, from, to) in straight(cells, 0, 1) {
            let middle = at(y, ROW) + ROW / 2.0;
            let (from, to) = (MARGIN + from * COLUMN, MARGIN + to * COLUMN);
            add(&key, format!("M{from} {middle}H{to}"));
        }
    }
    for x in 0..buffer.area.width {
        let cells = (0..buffer.area.height).map(|y| at_cell(x, y));
        for (key, from, to) in straight(cells, 2, 3) {
            let middle = at(x, COLUMN) + COLUMN / 2.0;
            let (from, to) = (MARGIN + from * ROW, MARGIN + to * ROW);
            add(&key, format!("M{middle} {from}V{to}"));
        }
    }
    strokes
}

type Key = (String, u8);

/// Joins the arms `back` and `on` of neighbours, in cells.
fn straight(
    cells: impl Iterator<Item = Option<([bool; 4], Key)>>,
    back: usize,
    on: usize,
) -> Vec<(Key, f32, f32)> {
    let mut found: Vec<(Key, f32, f32)> = Vec::new();
    for (index, cell) in (0_u16..).zip(cells) {
        let Some((arms, key)) = cell else { continue };
        let start = f32::from(index) + if arms[back] { 0.0 } else { 0.5 };
        let end = f32::from(index) + if arms[on] { 1.0 } else { 0.5 };
        match found.last_mut() {
            Some(last) if last.0 == key && (last.2 - start).abs() < 0.1 => last.2 = end,
            _ if end > start => found.push((key, start, end)),
            _ => {}
        }
    }
    found
}

fn at(cell: u16, size: f32) -> f32 {
    MARGIN + f32::from(cell) * size
}
