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
        match names.iter().position(|wanted| wanted.as_bytes() == &*name) {
            Some(slot) => {
                found.is_plain &= found.at[slot].is_none() && name.len() == key.span.len();
                found.at[slot] = Some(value);
            }
            None => found.is_plain &= !names.iter().any(|wanted| is_like(&name, wanted)),
        }
        Ok(())
    })?;
    scanner.finish()?;
    Ok(found)
}

/// Whether a parser that folds case takes `key` for `name`, which is ASCII.
pub(crate) fn is_like(key: &[u8], name: &str) -> bool {
    if key.is_ascii() {
        return key.eq_ignore_ascii_case(name.as_bytes());
    }
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
    fn of_a_key_that_stands_twice_the_last_counts() {
        let text = br#"{"task":1,"input":2,"task":3}"#;
        let [task, input] = find(text, ["task", "input"]).unwrap().at;
        assert_eq!(task.unwrap().bytes(text), b"3");
        assert_eq!(input.unwrap().bytes(text), b"2");
    }
}
