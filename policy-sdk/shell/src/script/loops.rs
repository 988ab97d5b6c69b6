//! Loops of a script: what their variables may be.

use super::calls::{is_word, line};
use super::tokens::Token;
use super::values::{self, Argument};
use crate::halt::Outcome;
use crate::runner::Runner;
use crate::scene::Value;

/// `for x in [a, b]`, `for (const x of [a, b])`: x is one of these. Of several names each may be any.
pub(super) fn each(rest: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    let is_in = |token: &Token| is_word(token, "in") || is_word(token, "of");
    let Some(at) = rest.iter().take(8).position(is_in).filter(|at| *at > 0) else {
        return Ok(());
    };
    let list = iterated(&rest[at + 1..]);
    let texts = match found(list, runner)? {
        Some(texts) => texts,
        None => match values::read(list, runner)? {
            Argument::List(elements) => elements.into_iter().flatten().collect(),
            Argument::Text(texts) if is_of_entries(list) => texts,
            _ => return Ok(()),
        },
    };
    for token in &rest[..at] {
        match token {
            Token::Name(name) if !matches!(name.as_str(), "const" | "let" | "var" | "my") => {
                runner.scene_mut().set(name, Value::OneOf(texts.clone()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a loop goes through: up to what closes around it, a colon, or a line's end.
fn iterated(tokens: &[Token]) -> &[Token] {
    let line = line(tokens);
    let mut depth = 0usize;
    let end = line.iter().position(|token| {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (*token == Token::Mark(':') || is_word(token, "if"))
    });
    &line[..end.unwrap_or(line.len())]
}

/// `commands.items()`, `commands.values()`: what was put into a variable under names.
fn is_of_entries(tokens: &[Token]) -> bool {
    matches!(values::trimmed(tokens), [Token::Name(name), Token::Mark('('), Token::Mark(')')]
        if name.ends_with(".items") || name.ends_with(".values"))
}

/// What `Path("x").rglob("*.pyc")` and `glob.glob("x/*")` find, as a pattern.
fn found(tokens: &[Token], runner: &mut dyn Runner) -> Outcome<Option<Vec<String>>> {
    let [
        object @ ..,
        Token::Name(name),
        Token::Mark('('),
        Token::Text(pattern),
        Token::Mark(')'),
    ] = values::trimmed(tokens)
    else {
        return Ok(None);
    };
    let (owner, method) = name.rsplit_once('.').unwrap_or(("", name));
    let joint = match method {
        "rglob" => "/**/",
        "glob" | "iglob" => "/",
        _ => return Ok(None),
    };
    let folders = match (owner, object) {
        ("glob", _) | ("", []) => return Ok(Some(vec![pattern.clone()])),
        ("", [object @ .., Token::Mark('.')]) => values::texts(object, runner)?,
        (owner, _) => values::texts(&[Token::Name(owner.to_owned())], runner)?,
    };
    let paths = folders
        .iter()
        .map(|folder| format!("{folder}{joint}{pattern}"));
    Ok(Some(paths.collect()))
}
