//! Functions that a script of Python defines, and what their parameters are in a call.

use std::ops::Range;

use super::acts;
use super::tokens::{Script, Token};
use super::values::{self, Argument};
use crate::halt::Outcome;
use crate::language::Language;
use crate::marks;
use crate::runner::Runner;
use crate::scene::Value;

/// A function that a script defines.
#[derive(Debug)]
pub(super) struct Function {
    name: String,
    params: Vec<Param>,
    /// Where its definition begins.
    pub(super) start: usize,
    /// Where the tokens of its body are.
    pub(super) body: Range<usize>,
    /// Whether the script calls it by its name.
    pub(super) is_called: bool,
}

#[derive(Debug)]
struct Param {
    name: String,
    /// Whether it takes all that is left.
    is_rest: bool,
    /// The tokens of what it is where a call does not say.
    default: Range<usize>,
}

/// The functions that a script defines.
pub(super) fn of(language: Language, script: &Script) -> Vec<Function> {
    if language != Language::Python {
        return Vec::new();
    }
    let tokens = &script.tokens;
    let starts = 0..tokens.len();
    let mut functions: Vec<Function> = starts
        .filter_map(|at| defined(script, at).or_else(|| lambda(tokens, at)))
        .collect();
    for function in &mut functions {
        function.is_called = (0..tokens.len()).any(|at| {
            !function.body.contains(&at)
                && matches!(&tokens[at], Token::Name(name) if function.is_named(name))
                && tokens.get(at + 1) == Some(&Token::Mark('('))
                && !is_word(
                    at.checked_sub(1).and_then(|before| tokens.get(before)),
                    "def",
                )
        });
    }
    functions
}

impl Function {
    /// Whether a call that is written like this calls it.
    pub(super) fn is_named(&self, name: &str) -> bool {
        match name.rsplit_once('.') {
            None => name == self.name,
            Some((_, last)) => last == self.name && acts::of(Language::Python, name).is_none(),
        }
    }

    /// Sets its parameters to what a call says, given the tokens between its parentheses.
    pub(super) fn bind(
        &self,
        script: &Script,
        arguments: &[Token],
        runner: &mut dyn Runner,
    ) -> Outcome<()> {
        let mut given: Vec<Option<Value>> = self.params.iter().map(|_| None).collect();
        let mut rest = Vec::new();
        let mut next = 0;
        for argument in values::split(arguments) {
            let (at, value) = match values::trimmed(argument) {
                [Token::Name(name), Token::Mark('='), value @ ..] => {
                    let at = self.params.iter().position(|param| param.name == *name);
                    (at, value)
                }
                value => {
                    next += 1;
                    (Some(next - 1), value)
                }
            };
            let value = of_argument(values::read(value, runner)?);
            match at.and_then(|at| self.params.get(at)) {
                Some(param) if !param.is_rest => {
                    if let Some(slot) = at.and_then(|at| given.get_mut(at)) {
                        *slot = Some(value);
                    }
                }
                _ => rest.push(value.first()),
            }
        }
        for (param, value) in self.params.iter().zip(given) {
            let value = match value {
                Some(value) => value,
                None if param.is_rest => Value::Array(rest.clone()),
                None => of_argument(values::read(&script.tokens[param.default.clone()], runner)?),
            };
            runner.scene_mut().set(&param.name, value);
        }
        Ok(())
    }
}

/// What a variable is that gets this argument.
pub(super) fn of_argument(argument: Argument) -> Value {
    match argument {
        Argument::Text(texts) => Value::OneOf(texts),
        Argument::List(elements) => Value::Array(elements.into_iter().flatten().collect()),
        Argument::Other => Value::of(marks::unknown()),
    }
}

fn is_word(token: Option<&Token>, word: &str) -> bool {
    matches!(token, Some(Token::Name(name)) if name == word)
}

/// `def name(params):`, with all that is indented below.
fn defined(script: &Script, at: usize) -> Option<Function> {
    let tokens = &script.tokens;
    let [Token::Name(def), Token::Name(name), Token::Mark('('), ..] = tokens.get(at..)? else {
        return None;
    };
    if def != "def" {
        return None;
    }
    let close = values::close(tokens, at + 2)?;
    let colon = close
        + tokens[close..]
            .iter()
            .position(|token| *token == Token::Mark(':'))?;
    let line = colon
        + 1
        + tokens[colon + 1..]
            .iter()
            .position(|token| *token == Token::Mark('\n'))
            .unwrap_or(tokens.len() - colon - 1);
    let behind = (line..tokens.len())
        .find(|&at| tokens[at] != Token::Mark('\n') && script.indents[at] <= script.indents[colon]);
    Some(Function {
        name: name.clone(),
        params: params(tokens, at + 3..close),
        start: at,
        body: colon + 1..behind.unwrap_or(tokens.len()),
        is_called: false,
    })
}

/// `name = lambda params: body`.
fn lambda(tokens: &[Token], at: usize) -> Option<Function> {
    let [Token::Name(name), Token::Mark('='), Token::Name(lambda), ..] = tokens.get(at..)? else {
        return None;
    };
    let colon = at
        + 3
        + tokens[at + 3..]
            .iter()
            .position(|token| *token == Token::Mark(':'))?;
    let end = tokens[colon..]
        .iter()
        .position(|token| *token == Token::Mark('\n'));
    (lambda == "lambda").then(|| Function {
        name: name.clone(),
        params: params(tokens, at + 3..colon),
        start: at,
        body: colon + 1..end.map_or(tokens.len(), |end| colon + end),
        is_called: false,
    })
}

fn params(tokens: &[Token], range: Range<usize>) -> Vec<Param> {
    let mut params = Vec::new();
    let mut start = range.start;
    for part in values::split(&tokens[range]) {
        let first = part
            .iter()
            .position(|token| matches!(token, Token::Name(_)));
        let default = part.iter().position(|token| *token == Token::Mark('='));
        let end = start + part.len();
        if let Some(Token::Name(name)) = first.and_then(|first| part.get(first)) {
            params.push(Param {
                name: name.clone(),
                is_rest: part.first() == Some(&Token::Mark('*')),
                default: default.map_or(end..end, |at| start + at + 1..end),
            });
        }
        start = end + 1;
    }
    // What a method is called on is not among the arguments.
    let is_method = params
        .first()
        .is_some_and(|param| matches!(param.name.as_str(), "self" | "cls"));
    params.drain(..usize::from(is_method));
    params
}
