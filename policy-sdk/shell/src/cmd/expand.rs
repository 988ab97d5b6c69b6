//! Expands variables of `cmd`.

use std::collections::BTreeMap;

use crate::{marks, windows};

/// The longest text that may come of expanding variables.
const LONGEST: usize = 16 * 1024;

/// The variables whose values are known.
#[derive(Debug, Default)]
pub(super) struct Variables {
    /// The variables that the script set, by name in lower case.
    set: BTreeMap<String, String>,
    /// The variables of `for`, by their letter, with all values that they take.
    loops: BTreeMap<char, Vec<String>>,
}

impl Variables {
    pub(super) fn set(&mut self, name: &str, value: String) {
        self.set.insert(name.to_lowercase(), value);
    }

    pub(super) fn set_loop(&mut self, letter: char, values: Vec<String>) {
        self.loops.insert(letter, values);
    }

    /// How many rounds a text needs: the most values that a `for` variable in it has.
    pub(super) fn rounds(&self, text: &str) -> usize {
        let named = self
            .loops
            .iter()
            .filter(|(letter, _)| has_letter(text, **letter));
        named
            .map(|(_, values)| values.len())
            .max()
            .unwrap_or(1)
            .max(1)
    }

    /// Replaces the variables of a text by their values; a `for` variable by its value in the round
    /// of this number. Returns something unknown if the text grows too long.
    pub(super) fn expand(&self, text: &str, round: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['%', '!']) {
            out.push_str(&rest[..at]);
            let sign = if rest[at..].starts_with('%') {
                '%'
            } else {
                '!'
            };
            let behind = &rest[at + 1..];
            let (value, left) = self.value(sign, behind, round);
            if out.len() + value.len() > LONGEST.max(text.len()) {
                return marks::unknown();
            }
            out.push_str(&value);
            rest = left;
        }
        out.push_str(rest);
        out
    }

    /// Returns the value of the variable behind a sign, and the text behind the variable.
    fn value<'t>(&self, sign: char, behind: &'t str, round: usize) -> (String, &'t str) {
        if sign == '%' {
            let inner = behind.strip_prefix('%').unwrap_or(behind);
            if let Some((value, left)) = self.of_loop(inner, round) {
                return (value, left);
            }
            if let Some((value, left)) = argument(inner) {
                return (value, left);
            }
        }
        let is_name = |c: char| c.is_alphanumeric() || "_()~:=,-. ".contains(c);
        match behind.split_once(sign) {
            // What nothing is known of may be meant for another `cmd`, within this line.
            Some((name, _)) if sign == '!' && !self.is_set(name) => (sign.to_string(), behind),
            Some((name, left)) if !name.is_empty() && name.chars().all(is_name) => {
                (self.named(name), left)
            }
            _ => (sign.to_string(), behind),
        }
    }

    fn of_loop<'t>(&self, text: &'t str, round: usize) -> Option<(String, &'t str)> {
        let letters = text.strip_prefix('~').unwrap_or(text);
        let modifiers = if letters.len() < text.len() {
            // `%~nxi`: a part of the path. The last letter is the variable.
            letters
                .find(|c: char| !c.is_ascii_alphabetic())
                .unwrap_or(letters.len())
                .checked_sub(1)?
        } else {
            0
        };
        let letter = letters.get(modifiers..)?.chars().next()?;
        let values = self.loops.get(&letter)?;
        let value = values.get(round % values.len().max(1)).cloned();
        let left = &letters[modifiers + letter.len_utf8()..];
        Some((value.unwrap_or_else(marks::unknown), left))
    }

    fn is_set(&self, name: &str) -> bool {
        let name = name.split(':').next().unwrap_or(name);
        self.set.contains_key(&name.to_lowercase())
    }

    fn named(&self, name: &str) -> String {
        let lower = name.to_lowercase();
        if let Some((variable, change)) = name.split_once(':') {
            return changed(&self.named(variable), change);
        }
        if let Some(value) = self.set.get(&lower) {
            return value.clone();
        }
        match lower.as_str() {
            "cd" => marks::START.to_string(),
            "homepath" => "~".to_owned(),
            // In `%homedrive%%homepath%` the drive adds nothing.
            "homedrive" => String::new(),
            name => windows::variable(name).map_or_else(marks::unknown, str::to_owned),
        }
    }
}

/// Returns the value of a variable as `%x:~1,2%` or `%x:a=b%` gives it.
fn changed(value: &str, change: &str) -> String {
    if marks::is_open(value) {
        return marks::unknown();
    }
    if let Some((from, to)) = change.split_once('=').filter(|(from, _)| !from.is_empty()) {
        return value.replace(from, to);
    }
    let Some(range) = change.strip_prefix('~') else {
        return value.to_owned();
    };
    let chars: Vec<char> = value.chars().collect();
    let (start, length) = range.split_once(',').unwrap_or((range, ""));
    let length_of = |text: &str| text.trim().parse::<i64>().ok();
    // Negative numbers count from the end.
    let place = |at: i64| {
        let count = i64::try_from(chars.len()).unwrap_or(i64::MAX);
        let at = if at < 0 { count.saturating_add(at) } else { at };
        usize::try_from(at.clamp(0, count)).unwrap_or(chars.len())
    };
    let start = place(length_of(start).unwrap_or(0));
    let end = match length_of(length) {
        None => chars.len(),
        Some(length) if length < 0 => place(length),
        Some(length) => start.saturating_add(usize::try_from(length).unwrap_or(0)),
    };
    chars
        .get(start..end.min(chars.len()))
        .unwrap_or_default()
        .iter()
        .collect()
}

/// Returns the value of `%1` or `%~dp0`, and the text behind it.
fn argument(text: &str) -> Option<(String, &str)> {
    let bare = text.strip_prefix('~').unwrap_or(text);
    let digits = bare.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let modifiers = &bare[..bare.len() - digits.len()];
    let is_argument = digits.starts_with(|c: char| c.is_ascii_digit() || c == '*');
    if !is_argument || bare.len() == text.len() && !modifiers.is_empty() {
        return None;
    }
    // `cmd` ends a folder with a backslash.
    let mut value = marks::unknown();
    if modifiers.contains('p') {
        value.push('/');
    }
    Some((value, &digits[1..]))
}

fn has_letter(text: &str, letter: char) -> bool {
    text.match_indices('%').any(|(at, _)| {
        let behind = text[at + 1..].trim_start_matches(['%', '~']);
        behind.starts_with(letter) || text[at + 1..].contains('~') && behind.contains(letter)
    })
}
