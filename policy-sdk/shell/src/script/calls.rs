//! Follows the calls and assignments of a script, in the order in which they stand.

use super::acts::{self, Act};
use super::tokens::Token;
use super::tools;
use super::values::{self, Argument};
use crate::halt::Outcome;
use crate::language::Language;
use crate::marks;
use crate::runner::Runner;
use crate::scene::Value;
use crate::writes::{Way, Write};

/// The longest expression that is read.
const LONGEST: usize = 400;

/// Follows a script's tokens.
pub(super) fn follow(language: Language, tokens: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    for (at, token) in tokens.iter().enumerate() {
        let rest = &tokens[at + 1..];
        match token {
            Token::Command(text) => {
                runner.run(text)?;
            }
            Token::Name(name) => {
                if is_assignment(rest) {
                    assign(name, expression(&rest[1..]), runner)?;
                } else if matches!(name.as_str(), "for" | "foreach") {
                    each(rest, runner)?;
                }
                if let Some(path) = written_path(name, rest) {
                    call(language, name, Act::Write, path, runner)?;
                }
                let act = if tools::is_tool(name, runner) {
                    Some(Act::Tool)
                } else {
                    acts::of(language, name)
                };
                if let Some(act) = act
                    && let Some(arguments) = arguments(language, rest)
                {
                    call(language, name, act, arguments, runner)?;
                }
            }
            // `require('fs').rmSync(…)`, `Path('x').rmtree()`: a call on what a call gave.
            Token::Mark('.') => {}
            Token::Text(text) if language == Language::Awk => {
                let is_piped = matches!(rest.first(), Some(Token::Mark('|')))
                    || at > 0 && tokens[at - 1] == Token::Mark('|');
                if is_piped {
                    runner.run(text)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The arguments of `Path(…)` where `.write_text(…)` stands behind it.
fn written_path<'t>(name: &str, rest: &'t [Token]) -> Option<&'t [Token]> {
    let is_path = matches!(name, "Path" | "pathlib.Path" | "PosixPath");
    let path = is_path.then(|| arguments(Language::Python, rest))??;
    let behind = rest.get(path.len() + 2..)?;
    let method = behind.iter().take(2).find_map(|token| match token {
        Token::Name(name) => Some(name.trim_start_matches('.')),
        _ => None,
    });
    matches!(method, Some("write_text" | "write_bytes")).then_some(path)
}

fn is_assignment(rest: &[Token]) -> bool {
    matches!(rest, [Token::Mark('='), next, ..] if !matches!(next, Token::Mark('=' | '>' | '~')))
}

/// The rest of an expression: up to a comma, the end of the line, or what closes around it.
fn expression(tokens: &[Token]) -> &[Token] {
    let line = line(tokens);
    values::split(line).into_iter().next().unwrap_or(line)
}

/// The rest of a statement.
fn line(tokens: &[Token]) -> &[Token] {
    let mut depth = 0usize;
    let end = tokens.iter().take(LONGEST).position(|token| match token {
        Token::Mark('(' | '[' | '{') => {
            depth += 1;
            false
        }
        Token::Mark(')' | ']' | '}') if depth > 0 => {
            depth -= 1;
            false
        }
        Token::Mark(')' | ']' | '}' | ';') => true,
        Token::Mark('\n') => depth == 0,
        _ => false,
    });
    &tokens[..end.unwrap_or(tokens.len().min(LONGEST))]
}

fn assign(name: &str, tokens: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    let value = match values::read(tokens, runner)? {
        Argument::Text(texts) => Value::OneOf(texts),
        Argument::List(elements) => Value::Array(elements.into_iter().flatten().collect()),
        Argument::Other => Value::of(marks::unknown()),
    };
    runner.scene_mut().set(name, value);
    Ok(())
}

/// `for x in [a, b]`, `for (const x of [a, b])`: x is one of these.
fn each(rest: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    let is_in = |token: &Token| matches!(token, Token::Name(name) if name == "in" || name == "of");
    let Some(at) = rest.iter().take(6).position(is_in).filter(|at| *at > 0) else {
        return Ok(());
    };
    let Some(Token::Name(name)) = rest.get(at - 1) else {
        return Ok(());
    };
    let end = rest[at..]
        .iter()
        .take(LONGEST)
        .position(|token| *token == Token::Mark(']'));
    let Some(end) = end else {
        return Ok(());
    };
    let list = match &rest[at + 1] {
        Token::Mark('(') => &rest[at + 2..=at + end],
        _ => &rest[at + 1..=at + end],
    };
    if let Argument::List(elements) = values::read(list, runner)? {
        let values = Value::OneOf(elements.into_iter().flatten().collect());
        runner.scene_mut().set(name, values);
    }
    Ok(())
}

fn arguments(language: Language, rest: &[Token]) -> Option<&[Token]> {
    if rest.first() == Some(&Token::Mark('(')) {
        let mut depth = 0usize;
        let end = rest.iter().take(LONGEST).position(|token| {
            match token {
                Token::Mark('(') => depth += 1,
                Token::Mark(')') => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        return Some(&rest[1..end.unwrap_or(rest.len().min(LONGEST))]);
    }
    let is_bare = language.has_bare_calls()
        && matches!(
            rest.first(),
            Some(Token::Text(_) | Token::Name(_) | Token::Mark('['))
        );
    is_bare.then(|| line(rest))
}

fn call(
    language: Language,
    name: &str,
    act: Act,
    tokens: &[Token],
    runner: &mut dyn Runner,
) -> Outcome<()> {
    if act == Act::Tool {
        return tools::call(tokens, runner);
    }
    let mut arguments = Vec::new();
    for argument in values::split(tokens) {
        arguments.push(values::read(argument, runner)?);
    }
    let argv = |argument: &str| vec![name.to_owned(), argument.to_owned()];
    match act {
        Act::Run => run(&arguments, runner),
        Act::RunNamed => run(arguments.get(1..).unwrap_or_default(), runner),
        Act::DeleteIfRecursive if !is_recursive(tokens) => Ok(()),
        Act::Delete | Act::DeleteIfRecursive => match arguments.first() {
            Some(Argument::Text(texts)) => deletes(&argv(&texts[0]), texts, runner),
            Some(Argument::List(elements)) => {
                let texts: Vec<String> = elements.iter().flatten().cloned().collect();
                deletes(&argv(&texts.join(" ")), &texts, runner)
            }
            _ => Ok(()),
        },
        Act::Open => {
            let is_writing = arguments.iter().any(|argument| {
                matches!(argument, Argument::Text(texts) if texts.iter().any(|text| is_write_mode(text)))
            });
            if is_writing {
                write(&arguments, runner)
            } else {
                Ok(())
            }
        }
        Act::Write => write(&arguments, runner),
        Act::Evaluate => {
            let fetches = tokens
                .iter()
                .any(|token| matches!(token, Token::Name(name) if acts::is_fetch(name)));
            if fetches {
                runner.sink().downloaded(runner.scene(), &argv("…"))?;
            }
            match arguments.first() {
                Some(Argument::Text(texts)) => texts
                    .iter()
                    .try_for_each(|text| runner.evaluate(language, text)),
                _ => Ok(()),
            }
        }
        Act::Tool => Ok(()),
    }
}

fn is_recursive(tokens: &[Token]) -> bool {
    tokens.windows(3).any(|three| {
        matches!(three, [Token::Name(name), Token::Mark(':'), Token::Name(value)]
            if name == "recursive" && value != "false")
    })
}

fn is_write_mode(text: &str) -> bool {
    let is_mode = text.len() <= 3 && text.chars().all(|c| "rwabtx+>".contains(c));
    is_mode && text.contains(['w', 'a', '+', '>']) || text.starts_with('>')
}

fn deletes(argv: &[String], paths: &[String], runner: &dyn Runner) -> Outcome<()> {
    runner.sink().deletes(runner.scene(), argv, paths)
}

fn write(arguments: &[Argument], runner: &dyn Runner) -> Outcome<()> {
    for argument in arguments {
        if let Argument::Text(texts) = argument {
            for text in texts.iter().filter(|text| text.contains('/')) {
                let target = text.trim_start_matches(['>', '+', ' ']);
                let write = Write {
                    argv: &[">".to_owned(), target.to_owned()],
                    target,
                    path: &runner.scene().path(target),
                    content: None,
                    way: Way::Replace,
                };
                runner.sink().writes(runner.scene(), &write)?;
            }
        }
    }
    Ok(())
}

/// Follows the command that a call starts.
fn run(arguments: &[Argument], runner: &mut dyn Runner) -> Outcome<()> {
    let mut words: Vec<Vec<String>> = Vec::new();
    let mut has_list = false;
    for argument in arguments {
        match argument {
            Argument::Text(texts) if !has_list => words.push(texts.clone()),
            Argument::List(elements) if !has_list => {
                has_list = true;
                words.extend(elements.iter().cloned());
            }
            _ => break,
        }
    }
    let choices = words.iter().map(Vec::len).max().unwrap_or(0);
    for choice in 0..choices {
        let argv: Vec<String> = words
            .iter()
            .filter_map(|texts| texts.get(choice % texts.len().max(1)))
            .cloned()
            .collect();
        match argv.as_slice() {
            [text] => runner.run(text)?,
            _ => runner.start(&argv, None).map(drop)?,
        }
    }
    Ok(())
}
