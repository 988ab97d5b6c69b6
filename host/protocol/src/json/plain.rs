//! Keys that every parser reads alike.
//!
//! Parsers differ in which value they take of a key that stands there twice, and some (Go's `encoding/json`) take a key for
//! another that differs in case alone, by Unicode's simple folding. So an object is plain, as far as some keys are concerned,
//! if each stands in it once at most, spelled exactly and without escapes, and no other key is like one of them.

use super::{Fault, MAX_DEPTH, Scanner, Span};

/// The values of some keys of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fields<const N: usize> {
    /// Where they stand. Of a key that stands there twice it is the last, as most parsers have it.
    pub(crate) at: [Option<Span>; N],
    /// Whether every parser finds these values.
    pub(crate) is_plain: bool,
}

/// The values of the named keys of the object `text`.
pub(crate) fn find<const N: usize>(text: &[u8], names: [&str; N]) -> Result<Fields<N>, Fault> {
    let mut found = Fields {
        at: [None; N],
        is_plain: true,
    };
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    scanner.object(|scanner, key| {
        let value = scanner.value()?;
        let name = key.name(text);
        match which(&name, &names) {
            Ok(slot) => {
                found.is_plain &= found.at[slot].is_none() && name.len() == key.span.len();
                found.at[slot] = Some(value);
            }
            Err(is_plain) => found.is_plain &= is_plain,
        }
        Ok(())
    })?;
    scanner.finish()?;
    Ok(found)
}

/// The fields of the object `text` that no parser takes for one of the named: each key with its quotes, and its value.
pub(crate) fn rest<'a>(text: &'a str, names: &[&str]) -> Vec<(&'a str, &'a str)> {
    let bytes = text.as_bytes();
    let mut rest = Vec::new();
    let mut scanner = Scanner::new(bytes, MAX_DEPTH);
    let read = scanner.object(|scanner, key| {
        let value = scanner.value()?;
        let name = key.name(bytes);
        if !is_like_any(&name, names) {
            let key = Span {
                start: key.span.start - 1,
                end: key.span.end + 1,
            };
            rest.push((key.text(bytes), value.text(bytes)));
        }
        Ok(())
    });
    if read.is_err() {
        rest.clear();
    }
    rest
}

/// Which of `names`, which are ASCII, a key is. Err where it is none of them, with whether every parser says so.
#[inline]
pub(crate) fn which(
    key: &[u8],
    names: impl IntoIterator<Item: AsRef<str>, IntoIter: Clone>,
) -> Result<usize, bool> {
    let names = names.into_iter();
    let at = names
        .clone()
        .position(|name| name.as_ref().as_bytes() == key);
    at.ok_or_else(|| !is_like_any(key, names))
}

/// Whether a parser that folds case takes `key` for one of `names`.
fn is_like_any(key: &[u8], names: impl IntoIterator<Item: AsRef<str>>) -> bool {
    let mut names = names.into_iter();
    match key.is_ascii() {
        true => names.any(|name| key.eq_ignore_ascii_case(name.as_ref().as_bytes())),
        false => names.any(|name| is_folded(key, name.as_ref())),
    }
}

/// Whether a key that is not ASCII folds into a name.
fn is_folded(key: &[u8], name: &str) -> bool {
    let key = String::from_utf8_lossy(key);
    let folded = key.chars().map(|letter| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    });
    folded.eq(name.chars().map(|letter| letter.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(object: &str) -> bool {
        find(object.as_bytes(), ["task", "input"]).unwrap().is_plain
    }

    #[test]
    fn a_key_is_plain_if_no_parser_takes_another_for_it() {
        assert!(plain(
            r#"{"task":1,"other":{"task":1,"Task":2},"inputs":2}"#
        ));
        for odd in [
            r#"{"task":1,"task":1}"#,
            r#"{"Task":1}"#,
            r#"{"task":1,"TASK":1}"#,
            r#"{"t\u0061sk":1}"#,
            r#"{"T\u0061sk":1}"#,
            "{\"ta\u{17f}k\":1}",
            "{\"tas\u{212a}\":1}",
            r#"{"ta\u017fk":1}"#,
        ] {
            assert!(!plain(odd), "{odd}");
        }
    }

    #[test]
    fn the_rest_are_the_fields_that_no_parser_takes_for_a_known_one() {
        let text = r#"{"task":1,"Task":2,"ta\u0073k":3,"\u0078":[ 4 ],"y":{"task":5}}"#;
        assert_eq!(
            rest(text, &["task"]),
            [(r#""\u0078""#, "[ 4 ]"), (r#""y""#, r#"{"task":5}"#)]
        );
        assert_eq!(rest("[1]", &["task"]), []);
    }

    #[test]
    fn of_a_key_that_stands_twice_the_last_counts() {
        let text = br#"{"task":1,"input":2,"task":3}"#;
        let [task, input] = find(text, ["task", "input"]).unwrap().at;
        assert_eq!(task.unwrap().bytes(text), b"3");
        assert_eq!(input.unwrap().bytes(text), b"2");
    }
}
