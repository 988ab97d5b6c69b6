//! One call of a script: what it starts, deletes, writes or runs.

use super::acts::{self, Act};
use super::tokens::Token;
use super::values::{self, Argument};
use super::{changes, files, tools};
use crate::halt::Outcome;
use crate::language::{Language, is_shell};
use crate::path::base_name;
use crate::runner::Runner;
use crate::writes::Way;

/// A call that matters.
pub(super) struct Call<'a> {
    pub(super) language: Language,
    /// What it is written as.
    pub(super) name: &'a str,
    /// The tokens before it.
    pub(super) before: &'a [Token],
    /// Those of its arguments.
    pub(super) tokens: &'a [Token],
}

impl Call<'_> {
    /// Follows it. `opened` is the file that was opened last to write to it.
    pub(super) fn follow(
        &self,
        act: Act,
        opened: &mut Option<String>,
        runner: &mut dyn Runner,
    ) -> Outcome<()> {
        if act == Act::Tool {
            return tools::call(self.tokens, runner);
        }
        let mut arguments = Vec::new();
        for argument in values::split(self.tokens) {
            arguments.push(values::read(argument, runner)?);
        }
        match act {
            Act::Run => run(&arguments, self.input(runner)?.as_deref(), runner),
            Act::RunNamed => {
                let words = arguments.get(1..).unwrap_or_default();
                run(words, None, runner)
            }
            Act::DeleteIfRecursive if !is_recursive(self.tokens) => Ok(()),
            Act::Delete | Act::DeleteIfRecursive => self.delete(&arguments, runner),
            Act::Command(name) => changes::command(name, &arguments, self.object(runner)?, runner),
            Act::Mode => changes::mode(self.tokens, &arguments, runner),
            Act::Kill => changes::kill(self.tokens, runner),
            Act::Evaluate => self.evaluate(&arguments, runner),
            Act::Patch => arguments.iter().try_for_each(|argument| match argument {
                Argument::Text(texts) => texts.iter().try_for_each(|text| {
                    let argv = ["apply_patch".to_owned(), text.clone()];
                    runner.start(&argv, None).map(drop)
                }),
                _ => Ok(()),
            }),
            _ => self.write(act, &arguments, opened, runner),
        }
    }

    /// Follows a call that writes to a file.
    fn write(
        &self,
        act: Act,
        arguments: &[Argument],
        opened: &mut Option<String>,
        runner: &mut dyn Runner,
    ) -> Outcome<()> {
        match act {
            Act::Open => {
                let object = self.object(runner)?;
                let flags = self.tokens.iter().any(files::is_write_flag);
                let file = files::open(self.language, object.as_ref(), arguments, flags, runner)?;
                *opened = file.or(opened.take());
                Ok(())
            }
            Act::Put => files::put(arguments, Way::Replace, runner),
            Act::Add => files::put(arguments, Way::Append, runner),
            Act::Say => match opened {
                Some(file) => files::say(file, arguments, runner),
                None => Ok(()),
            },
            Act::Copy => files::copy(arguments, runner),
            Act::Download => files::download(arguments, runner),
            Act::PutToObject => match self.object(runner)? {
                Some(object) => files::put_to_object(&object, arguments, runner),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// What the call is a method of, where its own arguments do not say what it is done to.
    fn object(&self, runner: &mut dyn Runner) -> Outcome<Option<Argument>> {
        Ok(match self.name.rsplit_once('.') {
            Some((object, _)) => Some(values::read(&[Token::Name(object.to_owned())], runner)?),
            None => match files::object(self.before) {
                [] => None,
                object => Some(values::read(object, runner)?),
            },
        })
    }

    fn delete(&self, arguments: &[Argument], runner: &mut dyn Runner) -> Outcome<()> {
        let argv = |argument: &str| vec![self.name.to_owned(), argument.to_owned()];
        let object = match arguments {
            [] => self.object(runner)?,
            _ => None,
        };
        match object.as_ref().or(arguments.first()) {
            Some(Argument::Text(texts)) => deletes(&argv(&texts[0]), texts, runner),
            Some(Argument::List(elements)) => {
                let texts: Vec<String> = elements.iter().flatten().cloned().collect();
                deletes(&argv(&texts.join(" ")), &texts, runner)
            }
            _ => Ok(()),
        }
    }

    fn evaluate(&self, arguments: &[Argument], runner: &mut dyn Runner) -> Outcome<()> {
        let mut tokens = self.tokens.iter();
        if tokens.any(|token| matches!(token, Token::Name(name) if acts::is_fetch(name))) {
            let argv = [self.name.to_owned(), "…".to_owned()];
            runner.sink().downloaded(runner.scene(), &argv)?;
        }
        match arguments.first() {
            Some(Argument::Text(texts)) => texts
                .iter()
                .try_for_each(|text| runner.evaluate(self.language, text)),
            _ => Ok(()),
        }
    }

    /// What the command that it starts reads: `input="…"`.
    fn input(&self, runner: &mut dyn Runner) -> Outcome<Option<String>> {
        for argument in values::split(self.tokens) {
            if let [Token::Name(name), Token::Mark('='), value @ ..] = values::trimmed(argument)
                && name == "input"
            {
                return Ok(values::texts(value, runner)?.into_iter().next());
            }
        }
        Ok(None)
    }
}

fn is_recursive(tokens: &[Token]) -> bool {
    tokens.windows(3).any(|three| {
        matches!(three, [Token::Name(name), Token::Mark(':'), Token::Name(value)]
            if name == "recursive" && value != "false")
    })
}

fn deletes(argv: &[String], paths: &[String], runner: &dyn Runner) -> Outcome<()> {
    runner.sink().deletes(runner.scene(), argv, paths)
}

/// Follows the command that a call starts, and what it reads.
fn run(arguments: &[Argument], stdin: Option<&str>, runner: &mut dyn Runner) -> Outcome<()> {
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
        match (argv.as_slice(), stdin) {
            ([text], Some(stdin)) if !is_shell(base_name(text)) => runner.feed(text, stdin)?,
            ([text], None) => runner.run(text)?,
            _ => runner.start(&argv, stdin).map(drop)?,
        }
    }
    Ok(())
}
