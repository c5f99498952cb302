//! Escape sequences of keys and mouse buttons (xterm, kitty keyboard protocol).

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};

/// Returns the key of a character as raw terminals send it.
pub fn character(letter: char) -> Option<KeyEvent> {
    let control =
        |letter: u8| Some(KeyEvent::new(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL));
    let byte = u8::try_from(letter).unwrap_or(u8::MAX);
    match letter {
        '\0' => control(b' '),
        '\t' => Some(KeyCode::Tab.into()),
        '\r' => Some(KeyCode::Enter.into()),
        '\u{1}'..='\u{1a}' => control(byte - 1 + b'a'),
        '\u{1b}' => Some(KeyCode::Esc.into()),
        '\u{1c}'..='\u{1f}' => control(byte - 0x1c + b'4'),
        '\u{7f}' => Some(KeyCode::Backspace.into()),
        '\u{80}'..='\u{9f}' => None,
        it if it.is_uppercase() => Some(KeyEvent::new(KeyCode::Char(it), KeyModifiers::SHIFT)),
        it => Some(KeyCode::Char(it).into()),
    }
}

/// Returns the key after `ESC O`.
pub fn application(last: u8) -> Option<KeyEvent> {
    let code = match last {
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        b'M' => KeyCode::Enter,
        _ => arrow(last)?,
    };
    Some(code.into())
}

/// Returns what a control sequence means: its parameters, and its last byte. Reports of a
/// terminal about itself mean nothing.
pub fn sequence(parameters: &str, last: u8) -> Option<Input> {
    if let Some(mouse) = parameters.strip_prefix('<') {
        let released = match last {
            b'M' => false,
            b'm' => true,
            _ => return None,
        };
        return three(mouse).map(|[button, x, y]| click(button, x, y, released));
    }
    // `ESC [ 1 ; 5 A`: a number, and what is held down with it, and how.
    let mut fields = parameters.split(';').map(|it| it.split(':'));
    let first = fields.next().and_then(|mut it| it.next()).unwrap_or_default();
    let mut held = fields.next().into_iter().flatten();
    let mask = held.next().map_or(Some(1), |it| it.parse().ok())?;
    let kind = held.next().unwrap_or("1");
    let third = fields.next().and_then(|mut it| it.next());
    let code = match last {
        b'M' => {
            return three(parameters)
                .map(|[button, x, y]| click(button.saturating_sub(32), x, y, false));
        }
        b'u' => coded(first.parse().ok()?)?,
        b'~' if first == "27" => coded(third?.parse().ok()?)?,
        b'~' => numbered(first.parse().ok()?)?,
        b'Z' if parameters.is_empty() => {
            return Some(Input::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)));
        }
        _ if !first.is_empty() && first != "1" => return None,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'S' => KeyCode::F(4),
        _ => arrow(last)?,
    };
    let kind = match kind {
        "2" => KeyEventKind::Repeat,
        "3" => KeyEventKind::Release,
        _ => KeyEventKind::Press,
    };
    let key = with(code, modifiers(mask));
    Some(Input::Key(KeyEvent::new_with_kind(key.code, key.modifiers, kind)))
}

/// Returns what the console of Linux sends for F1 to F5.
pub fn console(last: u8) -> Option<KeyEvent> {
    matches!(last, b'A'..=b'E').then(|| KeyCode::F(last.saturating_sub(b'A') + 1).into())
}

/// Returns a click or a turn of the wheel; places count from 1.
pub fn click(button: u16, x: u16, y: u16, released: bool) -> Input {
    let which = match button & 3 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let kind = match (button & 0b1100_0000, button & 3) {
        (64, 0) => MouseEventKind::ScrollUp,
        (64, 1) => MouseEventKind::ScrollDown,
        (64, 2) => MouseEventKind::ScrollLeft,
        (64, _) => MouseEventKind::ScrollRight,
        (_, 3) if button & 32 == 0 => MouseEventKind::Up(MouseButton::Left),
        (_, 3) => MouseEventKind::Moved,
        _ if released => MouseEventKind::Up(which),
        _ if button & 32 != 0 => MouseEventKind::Drag(which),
        _ => MouseEventKind::Down(which),
    };
    let held = [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)];
    let held = held.into_iter().filter(|it| button & it.0 != 0).map(|it| it.1).collect();
    let (column, row) = (x.saturating_sub(1), y.saturating_sub(1));
    Input::Mouse(MouseEvent { kind, column, row, modifiers: held })
}

fn arrow(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        _ => return None,
    })
}

fn numbered(number: u8) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(number - 10),
        17..=21 => KeyCode::F(number - 11),
        23..=26 => KeyCode::F(number - 12),
        28 | 29 => KeyCode::F(number - 13),
        31..=34 => KeyCode::F(number - 14),
        _ => return None,
    })
}

/// Returns the key of a code point. Keys that have none are in a private area, and mean
/// nothing here.
fn coded(code: u32) -> Option<KeyCode> {
    Some(match code {
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        0xe000..=0xf8ff => return None,
        _ => KeyCode::Char(char::from_u32(code).filter(|it| !it.is_control())?),
    })
}

/// Returns a key as it is called where shift is held.
fn with(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
    let shift = modifiers.contains(KeyModifiers::SHIFT);
    let code = match code {
        KeyCode::Tab if shift => KeyCode::BackTab,
        KeyCode::Char(it) if shift => KeyCode::Char(it.to_uppercase().next().unwrap_or(it)),
        other => other,
    };
    KeyEvent::new(code, modifiers)
}

fn modifiers(mask: u8) -> KeyModifiers {
    // The order of kitty is not that of crossterm: shift, alt, control, super.
    let mask = mask.saturating_sub(1);
    let alt = if mask & 2 != 0 { KeyModifiers::ALT.bits() } else { 0 };
    let control = if mask & 4 != 0 { KeyModifiers::CONTROL.bits() } else { 0 };
    KeyModifiers::from_bits_truncate(mask & 1 | alt | control | mask & 8)
}

fn three(text: &str) -> Option<[u16; 3]> {
    let numbers: Option<Vec<u16>> = text.split(';').map(|it| it.parse().ok()).collect();
    numbers?.try_into().ok()
}
