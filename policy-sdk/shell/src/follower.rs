//! The entry point: follows one text from beginning to end.

use std::borrow::Cow;
use std::cell::Cell;

use crate::halt::{Halt, Outcome};
use crate::language::Language;
use crate::runner::Runner;
use crate::scene::Scene;
use crate::shell::Shell;
use crate::watch::{Objections, Watch};
use crate::{marks, notebook, script, windows, words};

/// A text to follow. Its kind says what will read it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Text {
    /// A text for a shell.
    Shell(String),
    /// The words of a program's command line. No shell reads them.
    Words(Vec<String>),
    /// A script of another language.
    Script(Language, String),
    /// A cell of a notebook, or the input of a tool that runs Python: Python in which lines that
    /// begin with `!`, and magics such as `%%bash`, are for a shell.
    Cell(String),
    /// A text that was cut off, such as the raw arguments of a tool call. It is followed by its
    /// words, after JSON's escapes are decoded.
    Broken(String),
}

impl Text {
    /// Returns all of it as one text. Words are joined by spaces.
    #[must_use]
    pub fn line(&self) -> Cow<'_, str> {
        match self {
            Self::Shell(text) | Self::Script(_, text) | Self::Cell(text) | Self::Broken(text) => {
                Cow::Borrowed(text)
            }
            Self::Words(words) => Cow::Owned(words.join(" ")),
        }
    }
}

/// Why a text was not followed to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop<F> {
    /// The policy objects to something in it.
    Found(F),
    /// It holds too many different commands: more than 800, and one more for each 256 bytes. The
    /// policy did not object to those that were reported.
    Spent,
}

/// Follows texts for one policy.
#[derive(Debug)]
pub struct Follower<'a, W> {
    watch: &'a W,
    folder: Option<&'a str>,
    tools: &'a [&'a str],
    has_marks: bool,
    steps: Option<&'a Cell<usize>>,
}

impl<'a, W: Watch> Follower<'a, W> {
    /// Makes a follower that reports to this policy.
    pub fn new(watch: &'a W) -> Self {
        Self {
            watch,
            folder: None,
            tools: &[],
            has_marks: false,
            steps: None,
        }
    }

    /// Sets the current folder at the start of a text.
    #[must_use]
    pub fn in_folder(self, folder: Option<&'a str>) -> Self {
        Self { folder, ..self }
    }

    /// Sets the names of functions of scripts that run a shell: `terminal` for `terminal("ls")` and
    /// `tools.terminal(command="ls")`.
    #[must_use]
    pub fn with_tools(self, tools: &'a [&'a str]) -> Self {
        Self { tools, ..self }
    }

    /// Keeps [`marks::UNKNOWN`] in texts, because the caller put it there for what it does not
    /// know. Without this the character has no meaning.
    #[must_use]
    pub fn with_marks(self) -> Self {
        Self {
            has_marks: true,
            ..self
        }
    }

    /// Follows texts that share these steps. Each takes the steps that it needs and some more. If none
    /// are left, texts are followed by their words alone. A step is worth about a thousand units of
    /// the host's fuel, and a text on its own may take 8,000.
    #[must_use]
    pub fn sharing(self, steps: &'a Cell<usize>) -> Self {
        Self {
            steps: Some(steps),
            ..self
        }
    }

    /// Follows a text of any length. A text of more than 32 KiB, not counting long here-documents,
    /// or one that takes too many steps, is followed by its words alone: the commands that the
    /// policy [names](Watch::names), and redirections.
    ///
    /// # Errors
    ///
    /// Returns the first objection, or [`Stop::Spent`] if even its words are too many.
    pub fn follow(&self, text: &Text) -> Result<(), Stop<W::Finding>> {
        let line = text.line();
        let line = match text {
            Text::Broken(_) => Cow::Owned(unescaped(&self.neutral(&line))),
            _ => self.neutral(&line),
        };
        if self.steps.is_some_and(|steps| steps.get() == 0) {
            return stop(self.told(&line, |shell| words::follow(&line, shell)));
        }
        let outcome = self.told(&line, |shell| match text {
            Text::Shell(_) => any_shell(&line, shell),
            Text::Words(words) => {
                let words = words.iter().map(|word| self.neutral(word).into_owned());
                shell.start(&words.collect::<Vec<_>>(), None).map(drop)
            }
            Text::Script(language, _) => script::follow(*language, &line, shell),
            Text::Cell(_) => notebook::follow(&line, shell),
            Text::Broken(_) => words::follow(&line, shell),
        });
        stop(match outcome {
            Err(None) => self.told(&line, |shell| words::follow(&line, shell)),
            outcome => outcome,
        })
    }

    fn neutral<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.has_marks {
            marks::partly_neutral(text)
        } else {
            marks::neutral(text)
        }
    }

    /// Runs `what` in a fresh shell. The error is the objection, or `None` if it took too many
    /// steps.
    fn told(
        &self,
        line: &str,
        what: impl FnOnce(&mut Shell<'_>) -> Outcome<()>,
    ) -> Result<(), Option<W::Finding>> {
        let objections = Objections::of(self.watch);
        let folder = self.folder.map(|folder| self.neutral(folder));
        let scene = Scene::new(folder.as_deref());
        let mut shell = Shell::new(&objections, self.tools, scene, line.len());
        let outcome = self.counted(&mut shell, line.len(), what);
        match outcome {
            Ok(()) => Ok(()),
            Err(Halt::Spent | Halt::Mistaken) => Err(None),
            Err(Halt::Found) => Err(objections.into_finding()),
        }
    }

    /// Follows a text of this length with the shared steps, if there are any.
    fn counted<'s>(
        &self,
        shell: &mut Shell<'s>,
        length: usize,
        what: impl FnOnce(&mut Shell<'s>) -> Outcome<()>,
    ) -> Outcome<()> {
        let Some(steps) = self.steps else {
            return what(shell);
        };
        let given = shell.refill(0).min(steps.get());
        shell.refill(given);
        let outcome = what(shell);
        let taken = given.saturating_sub(shell.refill(0));
        let fixed = STEPS_OF_A_TEXT + length;
        steps.set(steps.get().saturating_sub(taken + fixed));
        outcome
    }
}

/// The steps that a text takes in addition to one for each byte, for making a shell and for reporting
/// its commands.
const STEPS_OF_A_TEXT: usize = 100;

/// Translates what ended the following of a text for the policy.
fn stop<F>(outcome: Result<(), Option<F>>) -> Result<(), Stop<F>> {
    outcome.map_err(|finding| finding.map_or(Stop::Spent, Stop::Found))
}

/// Follows a text that may be for `sh` or for a shell of Windows.
fn any_shell(line: &str, shell: &mut Shell<'_>) -> Outcome<()> {
    let short = shell.without_documents(line);
    if !Shell::is_short(&short) {
        // It is followed by its words, those of Windows among them.
        return Runner::run(shell, line);
    }
    let Some(language) = windows::language(&short) else {
        return Runner::run(shell, line);
    };
    match shell.parses(&short) {
        // What looked like a command of Windows may have been text.
        Some(true) => {
            Runner::run(shell, line)?;
            match shell.has_seen(language) {
                true => script::follow(language, line, shell),
                false => Ok(()),
            }
        }
        Some(false) if !windows::has_keywords_of_sh(&short) => {
            script::follow(language, line, shell)
        }
        Some(false) => {
            script::follow(language, line, shell)?;
            Runner::run(shell, line)
        }
        // Followed by its words, which include commands of Windows.
        None => Runner::run(shell, line),
    }
}

/// Decodes the escapes of JSON in a text.
fn unescaped(raw: &str) -> String {
    raw.replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\\"", "\"")
}
