//! Follows a command as a shell would run it.
//!
//! What the command's text says is known here: variables, the current folder, files it writes, the
//! output of `echo`. Everything else is one of the [marks](crate::marks).

mod bounds;
mod braces;
mod budget;
mod builtins;
mod compound;
mod documents;
mod expand;
mod extent;
mod fan;
mod find;
mod functions;
mod git;
mod launch;
mod makefile;
mod output;
mod parameter;
mod redirect;
mod simple;
mod substitute;
mod tasks;
mod walk;
mod wrappers;

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use crate::halt::{Halt, Outcome};
use crate::language::Language;
use crate::runner::Runner;
use crate::scene::Scene;
use crate::script;
use crate::watch::Sink;

use budget::Budget;
use documents::Documents;
use expand::Document;
use functions::Functions;

/// How deeply shells, functions and scripts may start each other.
const DEEPEST: usize = 12;

/// The state of a shell at one point of a command.
#[derive(Clone)]
pub(crate) struct Shell<'a> {
    sink: &'a dyn Sink,
    /// The names of functions in scripts that run a shell.
    tools: &'a [&'a str],
    scene: Scene,
    functions: Functions,
    documents: Documents,
    depth: usize,
    budget: Budget,
    /// The shell of Windows for which one of the commands was written.
    seen: Rc<Cell<Option<Language>>>,
}

impl<'a> Shell<'a> {
    /// Makes a shell that has run nothing yet, for a text of this length.
    pub(crate) fn new(
        sink: &'a dyn Sink,
        tools: &'a [&'a str],
        scene: Scene,
        length: usize,
    ) -> Self {
        Self {
            sink,
            tools,
            scene,
            functions: Functions::default(),
            documents: Documents::default(),
            depth: 0,
            budget: Budget::new(length),
            seen: Rc::default(),
        }
    }

    /// Whether a text is short enough to be parsed.
    pub(crate) fn is_short(text: &str) -> bool {
        bounds::is_short(text)
    }

    /// Whether this shell can parse the text. `None` if that would take too long.
    pub(crate) fn parses(&self, text: &str) -> Option<bool> {
        let is_within = bounds::is_within(text);
        is_within.then(|| rable::parse(text, true).is_ok())
    }

    /// The text with its long here-documents set aside.
    pub(crate) fn without_documents<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Documents::default().set_aside(text)
    }

    /// Whether one of the commands that ran was written for this shell of Windows.
    pub(crate) fn has_seen(&self, language: Language) -> bool {
        self.seen.get() == Some(language)
    }

    /// Runs something in a subshell, a copy of this one. Only the files that it writes outlive it.
    fn apart<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let mut shell = self.clone();
        let outcome = what(&mut shell);
        self.scene.take_files(shell.scene);
        outcome
    }

    /// Spends steps, which all shells of a command share.
    fn spend(&self, steps: usize) -> Outcome<()> {
        self.budget.spend(steps)
    }

    /// Does something one level deeper.
    fn deeper<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if self.depth == DEEPEST {
            return Err(Halt::Spent);
        }
        self.depth += 1;
        let outcome = what(self);
        self.depth -= 1;
        outcome
    }

    /// Follows something that may not happen.
    fn perhaps<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        self.scene.under_condition();
        let outcome = what(self);
        self.scene.behind_condition();
        outcome
    }
}

impl Runner for Shell<'_> {
    fn scene(&self) -> &Scene {
        &self.scene
    }

    fn scene_mut(&mut self) -> &mut Scene {
        &mut self.scene
    }

    fn sink(&self) -> &dyn Sink {
        self.sink
    }

    fn spend(&self, steps: usize) -> Outcome<()> {
        self.spend(steps)
    }

    fn refill(&self, steps: usize) -> usize {
        self.budget.refill(steps)
    }

    fn run(&mut self, text: &str) -> Outcome<()> {
        self.apart(|shell| Self::run(shell, text, None)).map(drop)
    }

    fn feed(&mut self, text: &str, stdin: &str) -> Outcome<()> {
        self.apart(|shell| Self::run(shell, text, Some(stdin)))
            .map(drop)
    }

    fn start(&mut self, argv: &[String], stdin: Option<&str>) -> Outcome<String> {
        self.apart(|shell| shell.command(argv, stdin))
    }

    fn evaluate(&mut self, language: Language, text: &str) -> Outcome<()> {
        self.deeper(|shell| script::follow(language, text, shell))
    }

    fn tools(&self) -> &[&str] {
        self.tools
    }

    fn filled(&mut self, text: &str) -> Outcome<String> {
        Document(text).text(self)
    }
}
