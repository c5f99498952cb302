//! How others write a value down.

use serde_json::Value;

/// Returns a value as it stands between the quotes of JSON.
pub fn in_quotes(value: &str) -> String {
    let quoted = Value::from(value).to_string();
    let bare = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    bare.unwrap_or(&quoted).to_owned()
}

/// Returns a value as it stands in an address.
pub fn in_address(value: &str) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-._~".contains(&it);
    let written = |it: u8| match plain(it) {
        true => char::from(it).to_string(),
        false => format!("%{it:02X}"),
    };
    value.bytes().map(written).collect::<Vec<_>>().concat()
}

/// Returns a value as it stands in a compose file that is interpolated.
pub fn in_compose(value: &str) -> String {
    value.replace('$', "$$")
}

/// Returns a value as it stands in a path that was tidied.
pub fn as_path(value: &str) -> String {
    value.replace("//", "/")
}
