//! Follows a command as a shell would run it.
//!
//! What the command's text says is known here: variables, the current folder, files it writes, the
//! output of `echo`. Everything else is one of the [marks](crate::marks).

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

/// The most steps for following one command. A step is worth about a thousand units of the host's
/// fuel, and all of them together less than a hook has by default.
const MOST_STEPS: usize = 8_000;
/// How many bytes of text are followed by their words, in addition to twice the length of the
/// command.
const UNPARSED: usize = 256 * 1024;
/// How deeply shells, functions and scripts may start each other.
const DEEPEST: usize = 12;

/// The state of a shell at one point of a command.
#[derive(Clone)]
pub(crate) struct Shell<'a> {
    sink: &'a dyn Sink,
    /// The names of functions in scripts that run a shell.
    tools: &'a [&'a str],
    scene: Scene,
    functions: Rc<BTreeMap<String, Body>>,
    documents: Documents,
    depth: usize,
    /// The steps that are left, shared by all shells of a command.
    steps: Rc<Cell<usize>>,
    /// The shell of Windows for which one of the commands was written.
    seen: Rc<Cell<Option<Language>>>,
    /// How many more bytes of text may be followed by their words.
    unparsed: Rc<Cell<usize>>,
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
            functions: Rc::default(),
            documents: Documents::default(),
            depth: 0,
            steps: Rc::new(Cell::new(MOST_STEPS)),
            seen: Rc::default(),
            unparsed: Rc::new(Cell::new(UNPARSED + 2 * length)),
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
        let left = self.steps.get().checked_sub(steps).ok_or(Halt::Spent)?;
        self.steps.set(left);
        Ok(())
    }

    /// Spends bytes of the text that may be followed by its words.
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
