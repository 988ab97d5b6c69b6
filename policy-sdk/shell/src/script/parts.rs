//! Parts of an expression that take more than one token: `" ".join(words)`, `os.environ["HOME"]`.

use super::tokens::Token;
use super::values::{self, Argument, MOST};
use crate::halt::Outcome;
use crate::marks;
use crate::runner::Runner;
use crate::scene::Value;

/// The texts of the part that begins here, and where the next one begins. `None` if it is one of a single
/// token.
pub(super) fn read(
    tokens: &[Token],
    at: usize,
    runner: &mut dyn Runner,
) -> Outcome<Option<(Vec<String>, usize)>> {
    match &tokens[at..] {
        [
            Token::Text(text),
            Token::Mark('.'),
            Token::Name(method),
            Token::Mark('('),
            ..,
        ] => {
            let open = at + 3;
            let end = values::close(tokens, open).unwrap_or(tokens.len());
            let inner = tokens.get(open + 1..end).unwrap_or_default();
            let texts = match method.as_str() {
                "join" => joined(text, inner, runner)?,
                "format" => filled(text, values::split(inner), runner)?,
                _ => return Ok(None),
            };
            Ok(Some((texts, end + 1)))
        }
        [Token::Text(text), Token::Mark('%'), Token::Mark('('), ..] => {
            let end = values::close(tokens, at + 2).unwrap_or(tokens.len());
            let inner = tokens.get(at + 3..end).unwrap_or_default();
            let texts = filled(text, values::split(inner), runner)?;
            Ok(Some((texts, end + 1)))
        }
        [Token::Text(text), Token::Mark('%'), rest @ ..] if !rest.is_empty() => {
            let texts = filled(text, vec![rest], runner)?;
            Ok(Some((texts, tokens.len())))
        }
        [
            Token::Name(name),
            Token::Mark('[' | '(' | '{'),
            Token::Text(variable) | Token::Name(variable),
            ..,
        ] if is_environment(name) => {
            let end = values::close(tokens, at + 1).unwrap_or(tokens.len());
            Ok(Some((environment(variable, runner), end + 1)))
        }
        [Token::Name(chr), Token::Mark('('), rest @ ..] if chr == "chr" => {
            let digits = rest.iter().map_while(|token| match token {
                Token::Mark(digit) if digit.is_ascii_digit() => Some(*digit),
                _ => None,
            });
            let digits: String = digits.collect();
            let letter = digits.parse().ok().and_then(char::from_u32);
            let text = letter.map_or_else(marks::unknown, String::from);
            Ok(Some((vec![text], at + 3 + digits.len())))
        }
        // An element: whichever.
        [Token::Name(name), Token::Mark('['), ..] => {
            let Some(Value::OneOf(texts) | Value::Array(texts)) = runner.scene().assigned(name)
            else {
                return Ok(None);
            };
            let end = values::close(tokens, at + 1).unwrap_or(tokens.len());
            Ok(Some((texts, end + 1)))
        }
        _ => Ok(None),
    }
}

/// Whether a function of this name gives the text that base64 holds.
pub(super) fn decodes(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    matches!(
        last,
        "b64decode"
            | "urlsafe_b64decode"
            | "standard_b64decode"
            | "decode64"
            | "strict_decode64"
            | "decode_base64"
            | "base64_decode"
    )
}

/// `" ".join(words)`.
fn joined(joint: &str, inner: &[Token], runner: &mut dyn Runner) -> Outcome<Vec<String>> {
    let Argument::List(elements) = values::read(inner, runner)? else {
        return Ok(vec![marks::unknown()]);
    };
    let choices = elements
        .iter()
        .map(Vec::len)
        .max()
        .unwrap_or(0)
        .clamp(1, MOST);
    let line = |choice: usize| {
        let words = elements
            .iter()
            .filter_map(|texts| texts.get(choice % texts.len().max(1)));
        let words: Vec<&str> = words.map(String::as_str).collect();
        words.join(joint)
    };
    Ok((0..choices).map(line).collect())
}

/// A text with values in the places that are left open for them: `{}`, `{0}`, `%s`.
fn filled(text: &str, values: Vec<&[Token]>, runner: &mut dyn Runner) -> Outcome<Vec<String>> {
    let mut given = Vec::new();
    for value in values.into_iter().take(MOST) {
        let value = match values::trimmed(value) {
            [Token::Name(_), Token::Mark('='), value @ ..] => value,
            value => value,
        };
        given.push(values::texts(value, runner)?);
    }
    let choices = given.iter().map(Vec::len).max().unwrap_or(0).clamp(1, MOST);
    let text = runner.filled(text)?;
    Ok((0..choices)
        .map(|choice| {
            let mut values = given
                .iter()
                .filter_map(|texts| texts.get(choice % texts.len().max(1)));
            placed(&text, || {
                values.next().cloned().unwrap_or_else(marks::unknown)
            })
        })
        .collect())
}

/// The text with the next value in each open place.
fn placed(text: &str, mut next: impl FnMut() -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '%']) {
        out.push_str(&rest[..at]);
        let place = &rest[at..];
        let length = match place.as_bytes() {
            [b'{', b'{', ..] | [b'%', b'%', ..] => 0,
            [b'{', ..] => place.find('}').map_or(0, |end| end + 1),
            [_, b's' | b'r' | b'd', ..] => 2,
            _ => 0,
        };
        if length == 0 {
            let same = place.chars().take_while(|c| matches!(c, '{' | '%')).count();
            out.push_str(&place[..same]);
            rest = &place[same..];
        } else {
            out.push_str(&next());
            rest = &place[length..];
        }
    }
    out + rest
}

/// Whether this gives a variable of the environment, whose name stands in the brackets behind it.
fn is_environment(name: &str) -> bool {
    let mut parts = name.rsplit('.');
    let last = parts.next().unwrap_or_default();
    match last {
        "environ" | "getenv" | "ENV" | "_SERVER" | "_ENV" => true,
        "get" | "fetch" => matches!(parts.next(), Some("environ" | "ENV")),
        _ => false,
    }
}

fn environment(variable: &str, runner: &dyn Runner) -> Vec<String> {
    let name = match variable {
        "USERPROFILE" => "HOME",
        name => name,
    };
    match runner.scene().value(name) {
        Value::OneOf(values) | Value::Array(values) => values,
    }
}
