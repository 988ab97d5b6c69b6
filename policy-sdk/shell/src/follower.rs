//! Follows a text from beginning to end, by the way in which it reaches the system.

use std::borrow::Cow;

use crate::halt::{Halt, Outcome};
use crate::language::Language;
use crate::runner::Runner;
use crate::scene::Scene;
use crate::shell::Shell;
use crate::watch::{Objections, Watch};
use crate::{marks, notebook, script, windows, words};

/// A text to follow, by the way in which it reaches the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// A shell reads it.
    Shell(String),
    /// The words of one program's start; no shell reads them.
    Words(Vec<String>),
    /// A script of another language.
    Script(Language, String),
    /// A cell of a notebook, or what a tool that runs Python is given: Python, in which lines that begin
    /// with `!`, and magics such as `%%bash`, are for a shell.
    Cell(String),
    /// What is left of something that was cut off, such as the raw arguments of a tool call. It is
    /// followed by its words, with JSON's escapes undone.
    Broken(String),
}

impl Text {
    /// All of it in one text; words are joined by spaces.
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
    /// It holds more different commands to tell of than are looked at in one text: 2,000, and one more for
    /// each 128 bytes. What was told of it was not objected to.
    Spent,
}

/// Follows texts for one policy.
#[derive(Debug)]
pub struct Follower<'a, W> {
    watch: &'a W,
    folder: Option<&'a str>,
    tools: &'a [&'a str],
    has_marks: bool,
}

impl<'a, W: Watch> Follower<'a, W> {
    /// A follower that tells this policy.
    pub fn new(watch: &'a W) -> Self {
        Self {
            watch,
            folder: None,
            tools: &[],
            has_marks: false,
        }
    }

    /// The same, with this folder as the current one at the start of a text.
    #[must_use]
    pub fn in_folder(self, folder: Option<&'a str>) -> Self {
        Self { folder, ..self }
    }

    /// The same, for scripts in which functions of these names run a shell: `terminal` of
    /// `terminal("ls")` and of `tools.terminal(command="ls")`.
    #[must_use]
    pub fn with_tools(self, tools: &'a [&'a str]) -> Self {
        Self { tools, ..self }
    }

    /// The same, for texts in which [`marks::UNKNOWN`] is meant: the caller put it there for what it
    /// does not know. In other texts it is a character like any other.
    #[must_use]
    pub fn with_marks(self) -> Self {
        Self {
            has_marks: true,
            ..self
        }
    }

    /// Follows a text of any length. One of more than 32 KiB, long here-documents aside, or that takes too
    /// many steps, is followed by its words alone: the commands that the policy
    /// [names](Watch::names), and redirections.
    ///
    /// # Errors
    ///
    /// The first objection; [`Stop::Spent`] if even its words are too many.
    pub fn follow(&self, text: &Text) -> Result<(), Stop<W::Finding>> {
        let line = text.line();
        let line = match text {
            Text::Broken(_) => Cow::Owned(unescaped(&self.neutral(&line))),
            _ => self.neutral(&line),
        };
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
        let stop = match outcome {
            Err(None) => self.told(&line, |shell| words::follow(&line, shell)),
            outcome => outcome,
        };
        stop.map_err(|finding| finding.map_or(Stop::Spent, Stop::Found))
    }

    fn neutral<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.has_marks {
            marks::partly_neutral(text)
        } else {
            marks::neutral(text)
        }
    }

    /// Does something in a fresh shell. Err: the objection, or None where it took too many steps.
    fn told(
        &self,
        line: &str,
        what: impl FnOnce(&mut Shell<'_>) -> Outcome<()>,
    ) -> Result<(), Option<W::Finding>> {
        let objections = Objections::of(self.watch);
        let folder = self.folder.map(|folder| self.neutral(folder));
        let scene = Scene::new(folder.as_deref());
        let outcome = what(&mut Shell::new(&objections, self.tools, scene, line.len()));
        match outcome {
            Ok(()) => Ok(()),
            Err(Halt::Spent | Halt::Mistaken) => Err(None),
            Err(Halt::Found) => Err(objections.into_finding()),
        }
    }
}

/// Follows a text of which it is not known whether a shell of Windows reads it.
fn any_shell(line: &str, shell: &mut Shell<'_>) -> Outcome<()> {
    if windows::language(line).is_none() {
        return Runner::run(shell, line);
    }
    let short = shell.without_documents(line);
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
        // By its words, those of Windows among them.
        None => Runner::run(shell, line),
    }
}

/// The text without the escapes of JSON.
fn unescaped(raw: &str) -> String {
    raw.replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\\"", "\"")
}
