//! Changes that a script makes to its variables, to files and to processes, beside what it writes.

use super::tokens::Token;
use super::values::{self, Argument};
use crate::halt::Outcome;
use crate::marks;
use crate::runner::Runner;
use crate::scene::Value;

/// Follows `name += value`.
pub(super) fn add(name: &str, tokens: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    let added = values::read(tokens, runner)?;
    let value = match (runner.scene().assigned(name), added) {
        (Some(Value::Array(before)), Argument::List(elements)) => {
            let more = elements
                .into_iter()
                .filter_map(|texts| texts.into_iter().next());
            Value::Array(before.into_iter().chain(more).collect())
        }
        (Some(Value::OneOf(before)), Argument::Text(texts)) => {
            let longer = |text: &String| {
                let last = texts.first().cloned().unwrap_or_default();
                format!("{text}{last}")
            };
            Value::OneOf(before.iter().map(longer).collect())
        }
        _ => return Ok(()),
    };
    runner.scene_mut().assign(name, value);
    Ok(())
}

/// Follows a method that adds to a list: `name.append(value)`.
pub(super) fn call(name: &str, arguments: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    let Some((list, method)) = name.rsplit_once('.') else {
        return Ok(());
    };
    if !matches!(method, "append" | "extend" | "push") {
        return Ok(());
    }
    let Some(Value::Array(mut words)) = runner.scene().assigned(list) else {
        return Ok(());
    };
    match values::read(arguments, runner)? {
        Argument::List(elements) => words.extend(elements.into_iter().flatten()),
        Argument::Text(texts) => words.extend(texts.into_iter().next()),
        Argument::Other => words.push(marks::unknown()),
    }
    runner.scene_mut().assign(list, Value::Array(words));
    Ok(())
}

/// Follows a call that does what the command of this name does. `object` is what it is a method of.
pub(super) fn command(
    name: &str,
    arguments: &[Argument],
    object: Option<Argument>,
    runner: &mut dyn Runner,
) -> Outcome<()> {
    let own = object.into_iter().filter(|_| arguments.is_empty());
    let mut words = vec![name.to_owned()];
    if name == "chown" {
        words.push(marks::unknown());
    }
    let most = match name {
        "mv" => 2,
        _ => 1,
    };
    for argument in own.chain(arguments.iter().take(most).cloned()) {
        match argument {
            Argument::Text(texts) if name == "mv" => words.extend(texts.into_iter().take(1)),
            Argument::Text(texts) => words.extend(texts),
            Argument::List(elements) => words.extend(elements.into_iter().flatten()),
            Argument::Other => words.push(marks::unknown()),
        }
    }
    if words.len() == 1 {
        return Ok(());
    }
    runner.start(&words, None).map(drop)
}

/// Follows `os.chmod(path, 0o777)`.
pub(super) fn mode(
    tokens: &[Token],
    arguments: &[Argument],
    runner: &mut dyn Runner,
) -> Outcome<()> {
    let Some(Argument::Text(paths)) = arguments.first() else {
        return Ok(());
    };
    let mode = values::split(tokens).get(1).map(|tokens| number(tokens));
    let mode = mode.unwrap_or_default().replace("0o", "");
    let words = ["chmod".to_owned(), mode]
        .into_iter()
        .chain(paths.iter().cloned());
    runner.start(&words.collect::<Vec<_>>(), None).map(drop)
}

/// Follows `os.kill(pid, signal)`.
pub(super) fn kill(tokens: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    let arguments = values::split(tokens);
    let process = arguments
        .first()
        .map(|tokens| number(tokens))
        .unwrap_or_default();
    let signal = arguments
        .get(1)
        .map(|tokens| number(tokens))
        .unwrap_or_default();
    let words = ["kill".to_owned(), format!("-{signal}"), process];
    runner.start(&words, None).map(drop)
}

/// A number as it is written, or the last part of a name for one.
fn number(tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in values::trimmed(tokens) {
        match token {
            Token::Mark(mark) if mark.is_ascii_digit() || *mark == '-' => text.push(*mark),
            Token::Name(name) => {
                text.push_str(
                    name.rsplit('.')
                        .next()
                        .unwrap_or(name)
                        .trim_start_matches("SIG"),
                );
            }
            _ => text.push_str(&marks::unknown()),
        }
    }
    text
}
