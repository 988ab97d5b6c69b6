//! Follows a command as a shell would run it.
//!
//! What a command's text tells is known here (variables, the current folder, files it writes, the
//! output of `echo`), all else is a mark of [`marks`](crate::marks).

mod bounds;
mod braces;
mod builtins;
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
mod tasks;
mod walk;
mod wrappers;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::halt::{Halt, Outcome};
use crate::language::Language;
use crate::runner::Runner;
use crate::scene::Scene;
use crate::script;
use crate::watch::Sink;

use documents::Documents;
use functions::Body;

/// Steps that following one command may take. One is worth about a thousand units of the host's fuel,
/// and all of them less than what a hook has by default.
const MOST_STEPS: usize = 8_000;
/// Text that is followed by its words, in bytes, beside twice the length of the command.
const UNPARSED: usize = 256 * 1024;
/// Shells, functions and scripts that may run in each other.
const DEEPEST: usize = 12;

/// A shell at one point of a command.
#[derive(Clone)]
pub(crate) struct Shell<'a> {
    sink: &'a dyn Sink,
    /// Names of functions of scripts that run a shell.
    tools: &'a [&'a str],
    scene: Scene,
    functions: Rc<BTreeMap<String, Body>>,
    documents: Documents,
    depth: usize,
    /// Those that are left, for all shells of a command.
    steps: Rc<Cell<usize>>,
    /// The shell of Windows for which one of the commands was written.
    seen: Rc<Cell<Option<Language>>>,
    /// How much text may still be followed by its words, in bytes.
    unparsed: Rc<Cell<usize>>,
}

impl<'a> Shell<'a> {
    /// A shell that has run nothing yet, for a text of this length.
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
            functions: Rc::default(),
            documents: Documents::default(),
            depth: 0,
            steps: Rc::new(Cell::new(MOST_STEPS)),
            seen: Rc::default(),
            unparsed: Rc::new(Cell::new(UNPARSED + 2 * length)),
        }
    }

    /// Whether this shell can parse the text. `None` if that would take too long.
    pub(crate) fn parses(&self, text: &str) -> Option<bool> {
        let is_short = bounds::is_short(text) && bounds::is_within(text);
        is_short.then(|| rable::parse(text, true).is_ok())
    }

    /// The text with its long here-documents set aside.
    pub(crate) fn without_documents<'t>(&self, text: &'t str) -> Cow<'t, str> {
        Documents::default().set_aside(text)
    }

    /// Whether one of the commands that ran was written for this shell of Windows.
    pub(crate) fn has_seen(&self, language: Language) -> bool {
        self.seen.get() == Some(language)
    }

    /// Does something in a shell that begins as this one is, of which only the files outlive it.
    fn apart<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let mut shell = self.clone();
        let outcome = what(&mut shell);
        self.scene.take_files(shell.scene);
        outcome
    }

    /// Takes steps, which all shells of a command share.
    fn spend(&self, steps: usize) -> Outcome<()> {
        let left = self.steps.get().checked_sub(steps).ok_or(Halt::Spent)?;
        self.steps.set(left);
        Ok(())
    }

    /// Takes bytes of those that may be followed by their words.
    fn spend_unparsed(&self, length: usize) -> Outcome<()> {
        let left = self.unparsed.get().checked_sub(length).ok_or(Halt::Spent)?;
        self.unparsed.set(left);
        Ok(())
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

    /// Does something that may also not happen.
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
        self.steps.replace(steps)
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
        self.document(text)
    }
}
