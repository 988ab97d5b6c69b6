//! Follows the calls and assignments of a script, in the order in which they are written.

use std::ops::Range;

use super::acts::{self, Act};
use super::call::Call;
use super::functions::{self, Function};
use super::tokens::{Script, Token};
use super::values::{self, LONGEST};
use super::{changes, loops, tools};
use crate::halt::Outcome;
use crate::language::Language;
use crate::runner::Runner;
use crate::scene::Value;

/// Calls of a script's own functions are followed down to here.
const DEEPEST: usize = 6;

/// Follows a script's tokens.
pub(super) fn follow(language: Language, script: &Script, runner: &mut dyn Runner) -> Outcome<()> {
    let mut calls = Calls {
        language,
        script,
        functions: functions::of(language, script),
        running: Vec::new(),
        opened: None,
    };
    calls.walk(0..script.tokens.len(), runner)
}

/// A script that is followed.
struct Calls<'s> {
    language: Language,
    script: &'s Script,
    functions: Vec<Function>,
    /// Those of them that run, the last one called last.
    running: Vec<usize>,
    /// The file that was opened last to write to it.
    opened: Option<String>,
}

impl Calls<'_> {
    fn walk(&mut self, range: Range<usize>, runner: &mut dyn Runner) -> Outcome<()> {
        let mut at = range.start;
        while at < range.end {
            // What is called is followed there.
            let skipped = self
                .functions
                .iter()
                .find(|function| function.start == at && function.is_called);
            at = match skipped {
                Some(function) if !function.body.is_empty() => function.body.end.max(at + 1),
                _ => {
                    self.step(at, runner)?;
                    at + 1
                }
            };
        }
        Ok(())
    }

    fn step(&mut self, at: usize, runner: &mut dyn Runner) -> Outcome<()> {
        let script = self.script;
        let rest = &script.tokens[at + 1..];
        match &script.tokens[at] {
            Token::Command(text) => runner.run(text)?,
            Token::Name(name) => {
                self.bind(name, rest, runner)?;
                self.called(at, name, rest, runner)?;
            }
            // What a comprehension goes through stands behind what it does.
            Token::Mark('[' | '(') if self.language == Language::Python => {
                let end = values::close(&script.tokens, at).unwrap_or(at);
                let inner = script.tokens.get(at + 1..end).unwrap_or_default();
                let mut fors = inner.iter().enumerate();
                if let Some((at, _)) = fors.find(|(_, token)| is_word(token, "for")) {
                    loops::each(&inner[at + 1..], runner)?;
                }
            }
            Token::Text(text) if self.language == Language::Awk => {
                let is_piped = matches!(rest.first(), Some(Token::Mark('|')))
                    || at > 0 && script.tokens[at - 1] == Token::Mark('|');
                if is_piped {
                    runner.run(text)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Follows what gives a name its value.
    fn bind(&self, name: &str, rest: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
        match rest {
            _ if is_assignment(rest) => assign(name, expression(&rest[1..]), runner),
            [Token::Mark('+' | '.'), assigned @ ..] if is_assignment(assigned) => {
                changes::add(name, expression(&assigned[1..]), runner)
            }
            _ if name == "with" && self.language == Language::Python => opened(rest, runner),
            _ if matches!(name, "for" | "foreach") => loops::each(rest, runner),
            [Token::Mark('('), ..] => match arguments(self.language, rest) {
                Some(arguments) => changes::call(name, arguments, runner),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Follows a call, if this is one that matters.
    fn called(
        &mut self,
        at: usize,
        name: &str,
        rest: &[Token],
        runner: &mut dyn Runner,
    ) -> Outcome<()> {
        let mut functions = self.functions.iter();
        let own = functions.position(|function| function.is_named(name));
        let Some(arguments) = arguments(self.language, rest) else {
            return Ok(());
        };
        if let Some(own) = own {
            let is_new = !self.running.contains(&own) && self.running.len() < DEEPEST;
            return if is_new {
                self.enter(own, arguments, runner)
            } else {
                Ok(())
            };
        }
        let act = if tools::is_tool(name, runner) {
            Some(Act::Tool)
        } else {
            acts::of(self.language, name)
        };
        match act {
            Some(act) => {
                let call = Call {
                    language: self.language,
                    name,
                    before: &self.script.tokens[..at],
                    tokens: arguments,
                };
                call.follow(act, &mut self.opened, runner)
            }
            None => Ok(()),
        }
    }

    /// Follows a function of the script, with what a call gives it.
    fn enter(
        &mut self,
        function: usize,
        arguments: &[Token],
        runner: &mut dyn Runner,
    ) -> Outcome<()> {
        let body = self.functions[function].body.clone();
        runner.spend(body.len() / 4 + 1)?;
        let before = runner.scene().variables();
        self.functions[function].bind(self.script, arguments, runner)?;
        self.running.push(function);
        let outcome = self.walk(body, runner);
        self.running.pop();
        runner.scene_mut().set_variables(before);
        outcome
    }
}

/// Whether the token is that word.
pub(super) fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Name(name) if name == word)
}

/// `with TemporaryDirectory() as name`: what a name is that a block is given.
fn opened(rest: &[Token], runner: &mut dyn Runner) -> Outcome<()> {
    let line = line(rest);
    let Some(at) = line.iter().position(|token| is_word(token, "as")) else {
        return Ok(());
    };
    match (line.first(), line.get(at + 1)) {
        (Some(Token::Name(function)), Some(Token::Name(name))) if !function.ends_with("open") => {
            assign(name, &line[..at], runner)
        }
        _ => Ok(()),
    }
}

fn is_assignment(rest: &[Token]) -> bool {
    matches!(rest, [Token::Mark('='), next, ..] if !matches!(next, Token::Mark('=' | '>' | '~')))
}

/// Returns the rest of an expression: up to a comma, the end of the line, or the closing bracket
/// around it.
fn expression(tokens: &[Token]) -> &[Token] {
    let line = line(tokens);
    values::split(line).into_iter().next().unwrap_or(line)
}

/// Returns the rest of a statement.
pub(super) fn line(tokens: &[Token]) -> &[Token] {
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
    if let [Token::Mark('{'), inner @ .., Token::Mark('}')] = values::trimmed(tokens) {
        let texts = values::entries(inner, runner)?;
        if !texts.is_empty() {
            runner.scene_mut().set(name, Value::OneOf(texts));
            return Ok(());
        }
    }
    let value = functions::of_argument(values::read(tokens, runner)?);
    runner.scene_mut().set(name, value);
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
