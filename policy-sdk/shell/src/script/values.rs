//! The possible values of a call's argument, as far as texts and variables tell.

use super::parts;
use super::tokens::Token;
use crate::base64;
use crate::halt::Outcome;
use crate::marks;
use crate::runner::Runner;
use crate::scene::{Scene, Value};

/// The most possible texts of an argument.
pub(super) const MOST: usize = 16;
/// The longest expression that is read, in tokens.
pub(super) const LONGEST: usize = 400;

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// One text, which may be any of these.
    Text(Vec<String>),
    /// A list. Each element may be any of some texts.
    List(Vec<Vec<String>>),
    /// Anything else: an option, a number, a function.
    Other,
}

/// Names that may precede a value and are none.
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
    "joinpath",
    "absolute",
    "Path",
    "PurePath",
    "PosixPath",
    "Pathname",
    "list",
    "decode",
    "base64",
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
        // `args=[…]` is an option of that name, or the list itself.
        [Token::Name(name), Token::Mark('='), rest @ ..] => {
            if !matches!(
                name.as_str(),
                "args" | "path" | "cmd" | "command" | "file" | "mode"
            ) {
                return Ok(Argument::Other);
            }
            rest
        }
        all => all,
    };
    let tokens = trimmed(tokens);
    if let Some(list) = added(tokens, runner)? {
        return Ok(list);
    }
    match tokens {
        [Token::Mark('['), inner @ .., Token::Mark(']')] if is_closed(inner) => list(inner, runner),
        [Token::Mark('('), inner @ .., Token::Mark(')')]
            if is_closed(inner) && inner_comma(inner) =>
        {
            list(inner, runner)
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

/// Reads the elements of a list.
fn list(tokens: &[Token], runner: &mut dyn Runner) -> Outcome<Argument> {
    let mut elements = Vec::new();
    for element in split(tokens) {
        match element {
            // `[*words, "x"]`.
            [Token::Mark('*'), rest @ ..] => match read(rest, runner)? {
                Argument::List(inner) => elements.extend(inner),
                Argument::Text(texts) => elements.push(texts),
                Argument::Other => elements.push(vec![marks::unknown()]),
            },
            element => elements.push(texts(element, runner)?),
        }
    }
    Ok(Argument::List(elements))
}

/// Reads a sum of lists. Returns `None` if it is not one.
fn added(tokens: &[Token], runner: &mut dyn Runner) -> Outcome<Option<Argument>> {
    let parts = parted(tokens, '+');
    if parts.len() < 2 {
        return Ok(None);
    }
    let mut elements = Vec::new();
    for part in parts {
        let part = trimmed(part);
        let may_be_list = matches!(part, [Token::Mark('['), ..] | [Token::Name(_)]);
        match read(if may_be_list { part } else { &[] }, runner)? {
            Argument::List(inner) => elements.extend(inner),
            _ => return Ok(None),
        }
    }
    Ok(Some(Argument::List(elements)))
}

fn inner_comma(tokens: &[Token]) -> bool {
    parted(tokens, ',').len() > 1
}

/// Returns the texts in an object, whatever their names are.
pub(super) fn entries(tokens: &[Token], runner: &mut dyn Runner) -> Outcome<Vec<String>> {
    let mut all = Vec::new();
    for field in split(tokens) {
        let mut parts = parted(field, ':').into_iter();
        if let (Some(_), Some(value)) = (parts.next(), parts.next()) {
            match read(value, runner)? {
                Argument::Text(texts) => all.extend(texts),
                Argument::List(elements) => {
                    let words: Vec<String> = elements.into_iter().flatten().collect();
                    all.push(words.join(" "));
                }
                Argument::Other => {}
            }
        }
    }
    all.truncate(MOST);
    Ok(all)
}

/// Reads an object, looking only for the words of a command.
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
    let tokens = trimmed(tokens);
    let is_path = (0..tokens.len()).any(|at| joins_paths(tokens, at));
    let mut texts: Vec<String> = vec![String::new()];
    let mut is_encoded = false;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let (parts, next) = match parts::read(tokens, at, runner)? {
            Some((parts, next)) => (Some(parts), next),
            None => (plain(token, runner)?, at + 1),
        };
        at = next;
        if matches!(token, Token::Name(name) if parts::decodes(name)) {
            is_encoded = true;
            continue;
        }
        let Some(mut parts) = parts else {
            continue;
        };
        if std::mem::take(&mut is_encoded) {
            parts = parts.iter().map(|text| base64::text(text)).collect();
        }
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

/// Whether what stands here makes one path of several parts.
fn joins_paths(tokens: &[Token], at: usize) -> bool {
    match &tokens[at] {
        Token::Name(name) => {
            // `" ".join(words)` makes a line.
            let is_line =
                name == "join" && matches!(tokens[..at], [.., Token::Text(_), Token::Mark('.')]);
            !is_line
                && name.split('.').any(|part| {
                    matches!(
                        part,
                        "join" | "joinpath" | "Path" | "resolve" | "PurePath" | "PosixPath"
                    )
                })
        }
        Token::Mark(mark) => *mark == '/',
        _ => false,
    }
}

/// What one token adds to a text, if anything.
fn plain(token: &Token, runner: &mut dyn Runner) -> Outcome<Option<Vec<String>>> {
    Ok(match token {
        Token::Text(text) => Some(vec![runner.filled(text)?]),
        Token::Command(_) => Some(vec![marks::unknown()]),
        Token::Name(name) => named(name, runner.scene()),
        Token::Mark(_) => None,
    })
}

fn named(name: &str, scene: &Scene) -> Option<Vec<String>> {
    if let Some(Value::OneOf(values) | Value::Array(values)) = scene.assigned(name) {
        return Some(values);
    }
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
        || parts.len() > 1 && parts.last() == Some(&"join")
    {
        return None;
    }
    Some(vec![marks::unknown()])
}

/// Splits the tokens at commas.
pub(super) fn split(tokens: &[Token]) -> Vec<&[Token]> {
    parted(tokens, ',')
}

/// What stands between these marks, apart from those within brackets.
fn parted(tokens: &[Token], mark: char) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0usize);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Token::Mark(own) if *own == mark && depth == 0 => {
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

/// Returns the tokens without line feeds at either end.
pub(super) fn trimmed(mut tokens: &[Token]) -> &[Token] {
    while let [Token::Mark('\n'), rest @ ..] | [rest @ .., Token::Mark('\n')] = tokens {
        tokens = rest;
    }
    tokens
}

/// Returns where the bracket that opens here is closed.
pub(super) fn close(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    let rest = tokens.get(open..)?;
    let length = rest.iter().take(LONGEST).position(|token| {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    length.map(|length| open + length)
}

/// Whether every bracket that closes was opened here.
fn is_closed(tokens: &[Token]) -> bool {
    let mut depth = 0usize;
    tokens.iter().all(|token| match token {
        Token::Mark('[' | '(' | '{') => {
            depth += 1;
            true
        }
        Token::Mark(']' | ')' | '}') => {
            let is_open = depth > 0;
            depth = depth.saturating_sub(1);
            is_open
        }
        _ => true,
    })
}
