//! What an argument of a call may be, as far as texts and variables tell.

use super::tokens::Token;
use crate::halt::Outcome;
use crate::marks;
use crate::runner::Runner;
use crate::scene::{Scene, Value};

/// An argument has at most this many possible texts.
const MOST: usize = 16;

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// One of these texts.
    Text(Vec<String>),
    /// A list, each element one of some texts.
    List(Vec<Vec<String>>),
    /// An option, a number, a function.
    Other,
}

/// Names that lead to a value and are none.
const SILENT: &[&str] = &[
    "os",
    "path",
    "pathlib",
    "join",
    "expanduser",
    "str",
    "resolve",
    "normalize",
    "abspath",
    "realpath",
    "Path",
    "PurePath",
    "File",
    "expand_path",
    "shlex",
    "split",
    "await",
    "new",
    "const",
    "let",
    "var",
    "my",
    "strip",
    "format",
    "encode",
    "shell",
    "bash",
    "cmd",
    "String",
    "raw",
    "to_s",
    "quote",
];

/// Reads one argument.
pub(super) fn read(tokens: &[Token], runner: &mut dyn Runner) -> Outcome<Argument> {
    runner.spend(tokens.len() + 1)?;
    let tokens = match trimmed(tokens) {
        // `args=[…]`: an option of that name, or the thing itself.
        [Token::Name(name), Token::Mark('='), rest @ ..] => {
            if !matches!(name.as_str(), "args" | "path" | "cmd" | "command") {
                return Ok(Argument::Other);
            }
            rest
        }
        all => all,
    };
    let tokens = trimmed(tokens);
    match tokens {
        [Token::Mark('['), inner @ .., Token::Mark(']')] if is_closed(inner) => {
            let mut elements = Vec::new();
            for element in split(inner) {
                elements.push(texts(element, runner)?);
            }
            Ok(Argument::List(elements))
        }
        [Token::Mark('{'), inner @ .., Token::Mark('}')] => options(inner, runner),
        _ if tokens.iter().all(|token| matches!(token, Token::Mark(_))) => Ok(Argument::Other),
        [Token::Name(name)]
            if matches!(
                name.as_str(),
                "True" | "False" | "None" | "true" | "false" | "null"
            ) =>
        {
            Ok(Argument::Other)
        }
        [Token::Name(name)] => match runner.scene().assigned(name) {
            Some(Value::Array(values)) => Ok(Argument::List(
                values.into_iter().map(|value| vec![value]).collect(),
            )),
            _ => Ok(Argument::Text(texts(tokens, runner)?)),
        },
        _ if tokens
            .windows(2)
            .any(|pair| pair == [Token::Mark('='), Token::Mark('>')]) =>
        {
            Ok(Argument::Other)
        }
        _ => Ok(Argument::Text(texts(tokens, runner)?)),
    }
}

/// Reads an object; the one thing looked for in it are the words of a command.
fn options(tokens: &[Token], runner: &mut dyn Runner) -> Outcome<Argument> {
    for field in split(tokens) {
        if let [Token::Name(name), Token::Mark(':'), value @ ..] = trimmed(field)
            && name == "args"
        {
            return read(value, runner);
        }
    }
    Ok(Argument::Other)
}

/// The possible texts of an expression.
pub(super) fn texts(tokens: &[Token], runner: &mut dyn Runner) -> Outcome<Vec<String>> {
    let is_path = tokens.iter().any(|token| match token {
        Token::Name(name) => name
            .split('.')
            .any(|part| matches!(part, "join" | "Path" | "resolve" | "PurePath")),
        Token::Mark(mark) => *mark == '/',
        _ => false,
    });
    let mut texts: Vec<String> = vec![String::new()];
    for token in trimmed(tokens) {
        let parts = match token {
            Token::Text(text) => vec![runner.filled(text)?],
            Token::Command(_) => vec![marks::unknown()],
            Token::Name(name) => match named(name, runner.scene()) {
                Some(parts) => parts,
                None => continue,
            },
            Token::Mark(_) => continue,
        };
        let mut longer = Vec::new();
        for text in &texts {
            for part in parts.iter().take(MOST - longer.len().min(MOST)) {
                let joint = if is_path && !text.is_empty() { "/" } else { "" };
                longer.push(format!("{text}{joint}{part}"));
            }
        }
        texts = longer;
    }
    if texts.iter().all(String::is_empty) {
        return Ok(vec![marks::unknown()]);
    }
    Ok(texts)
}

fn named(name: &str, scene: &Scene) -> Option<Vec<String>> {
    let parts: Vec<&str> = name.split('.').collect();
    let has = |names: &[&str]| parts.iter().any(|part| names.contains(part));
    if has(&["tempfile", "mkdtemp", "mkdtempSync", "gettempdir", "tmpdir"]) {
        return Some(vec![format!("/tmp/{}", marks::UNKNOWN)]);
    }
    if has(&["home", "homedir", "HOME"]) {
        return Some(vec!["~".to_owned()]);
    }
    if has(&["getcwd", "cwd", "__dirname", "pwd", "__file__"]) {
        return Some(vec![scene.folder().text()]);
    }
    if let Some(Value::OneOf(values) | Value::Array(values)) = scene.assigned(parts[0]) {
        return Some(values);
    }
    if parts.iter().all(|part| SILENT.contains(part))
        || has(&["split", "format", "strip", "parent"]) && parts.len() == 1
    {
        return None;
    }
    Some(vec![marks::unknown()])
}

/// The expressions between the commas.
pub(super) fn split(tokens: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0usize);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Token::Mark(',') if depth == 0 => {
                parts.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !trimmed(&tokens[start..]).is_empty() {
        parts.push(&tokens[start..]);
    }
    parts
}

/// The tokens without line feeds around them.
pub(super) fn trimmed(mut tokens: &[Token]) -> &[Token] {
    while let [Token::Mark('\n'), rest @ ..] | [rest @ .., Token::Mark('\n')] = tokens {
        tokens = rest;
    }
    tokens
}

/// Whether no bracket closes that was not opened here.
fn is_closed(tokens: &[Token]) -> bool {
    let mut depth = 0usize;
    tokens.iter().all(|token| match token {
        Token::Mark('[') => {
            depth += 1;
            true
        }
        Token::Mark(']') => {
            let is_open = depth > 0;
            depth = depth.saturating_sub(1);
            is_open
        }
        _ => true,
    })
}
