//! Copies the capitals of one text to another.

/// Returns `to` with the capitals of `model`: all letters, the first, or none. A mixture changes
/// nothing.
pub(crate) fn follow(model: &str, to: &str) -> String {
    let mut letters = model.chars().filter(|char| char.is_alphabetic());
    let Some(first) = letters.next() else {
        return to.to_owned();
    };
    let rest: Vec<char> = letters.collect();
    let rest_is = |test: fn(char) -> bool| rest.iter().all(|char| test(*char));
    match first.is_uppercase() {
        true if !rest.is_empty() && rest_is(|char| !char.is_lowercase()) => to.to_uppercase(),
        true if rest_is(|char| !char.is_uppercase()) => capitalise(to),
        false if rest_is(|char| !char.is_uppercase()) => to.to_lowercase(),
        _ => to.to_owned(),
    }
}

fn capitalise(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
