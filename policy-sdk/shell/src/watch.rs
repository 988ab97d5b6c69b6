//! The reports that a policy gets about a command, and how it objects.

use std::cell::RefCell;

use crate::halt::{Halt, Outcome};
use crate::language::Language;
use crate::names::Names;
use crate::scene::Scene;
use crate::writes::Write;

/// A simple command as it would run: its words are expanded, and wrappers such as `sudo` are
/// removed.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// The name in its first word, without the folder: `rm` for `/bin/rm`.
    pub name: &'a str,
    /// All its words. There is at least one.
    pub argv: &'a [String],
    /// Its standard input, as far as it is known.
    pub stdin: Option<&'a str>,
}

/// A possible command in a text that can't be parsed. All texts are raw, quotes included.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// One of the [names](Watch::names) that the policy looks for, or `>` for a redirection.
    pub name: &'a str,
    /// The text before it, since the last `;`, line feed or similar.
    pub lead: &'a str,
    /// The words behind it, a few hundred at most. For a redirection, its target.
    pub words: &'a str,
    /// Whether a pipe follows.
    pub is_piped: bool,
}

/// The definition of a function of the shell.
#[derive(Clone, Copy, Debug)]
pub struct Function<'a> {
    /// Its name.
    pub name: &'a str,
    /// How often its body starts it again.
    pub starts: usize,
    /// How many of these do not wait for its end: those in a pipe or in the background.
    pub starts_apart: usize,
}

/// Receives reports of what a command does. It may object, which ends the following.
///
/// The reports come in the order in which things would run. Something that may not happen, as
/// behind `&&`, is reported as if it happened.
pub trait Watch {
    /// The content of an objection.
    type Finding;

    /// The names of the commands to look for in a text that can't be parsed. Only these are
    /// reported there.
    fn names(&self) -> &Names;

    /// Decides whether to report a possible command in a text that can't be parsed. The text may
    /// have megabytes, so an answer should take a microsecond at most.
    fn is_suspect(&self, scene: &Scene, candidate: &Candidate<'_>) -> bool {
        let _ = (scene, candidate);
        true
    }

    /// A simple command runs.
    fn command(&self, scene: &Scene, command: &Command<'_>) -> Result<(), Self::Finding>;

    /// A command deletes these paths with everything in them: `find … -delete`, a script's
    /// `rmtree`. A command that deletes its arguments, such as `rm`, is reported only as a command.
    fn deletes(
        &self,
        scene: &Scene,
        argv: &[String],
        paths: &[String],
    ) -> Result<(), Self::Finding> {
        let _ = (scene, argv, paths);
        Ok(())
    }

    /// A file is written: by a redirection, a script, or a command that copies, edits or downloads.
    /// A command is reported before what it writes.
    fn writes(&self, scene: &Scene, write: &Write<'_>) -> Result<(), Self::Finding> {
        let _ = (scene, write);
        Ok(())
    }

    /// A download is run, by the command `argv`.
    fn downloaded(&self, scene: &Scene, argv: &[String]) -> Result<(), Self::Finding> {
        let _ = (scene, argv);
        Ok(())
    }

    /// A function of the shell is defined.
    fn defines(&self, scene: &Scene, function: &Function<'_>) -> Result<(), Self::Finding> {
        let _ = (scene, function);
        Ok(())
    }

    /// A script of another language runs. What it does is reported separately, as far as it can be
    /// read.
    fn script(&self, scene: &Scene, language: Language, text: &str) -> Result<(), Self::Finding> {
        let _ = (scene, language, text);
        Ok(())
    }

    /// A text that can't be parsed may define a function with a pipe in it. `name` is its name, and
    /// `body` the beginning of its body. The commands of the text are reported separately.
    fn may_define(&self, scene: &Scene, name: &str, body: &str) -> Result<(), Self::Finding> {
        let _ = (scene, name, body);
        Ok(())
    }

    /// Returns what a command prints, if the policy knows better than the follower. A part that
    /// only means something to the policy can be [`marks::OWN`](crate::marks::OWN).
    fn prints(&self, scene: &Scene, command: &Command<'_>) -> Option<String> {
        let _ = (scene, command);
        None
    }
}

/// A [`Watch`] that keeps its finding, so that the code that follows commands need not know its
/// type.
pub(crate) trait Sink {
    fn names(&self) -> &Names;
    fn is_suspect(&self, scene: &Scene, candidate: &Candidate<'_>) -> bool;
    fn command(&self, scene: &Scene, command: &Command<'_>) -> Outcome<()>;
    fn deletes(&self, scene: &Scene, argv: &[String], paths: &[String]) -> Outcome<()>;
    fn writes(&self, scene: &Scene, write: &Write<'_>) -> Outcome<()>;
    fn downloaded(&self, scene: &Scene, argv: &[String]) -> Outcome<()>;
    fn defines(&self, scene: &Scene, function: &Function<'_>) -> Outcome<()>;
    fn script(&self, scene: &Scene, language: Language, text: &str) -> Outcome<()>;
    fn may_define(&self, scene: &Scene, name: &str, body: &str) -> Outcome<()>;
    fn prints(&self, scene: &Scene, command: &Command<'_>) -> Option<String>;
}

/// A policy, and its objection if it has one.
pub(crate) struct Objections<'w, W: Watch> {
    watch: &'w W,
    finding: RefCell<Option<W::Finding>>,
}

impl<'w, W: Watch> Objections<'w, W> {
    pub(crate) fn of(watch: &'w W) -> Self {
        Self {
            watch,
            finding: RefCell::new(None),
        }
    }

    /// Returns the objection, if there is one.
    pub(crate) fn into_finding(self) -> Option<W::Finding> {
        self.finding.into_inner()
    }

    fn keep(&self, answer: Result<(), W::Finding>) -> Outcome<()> {
        answer.map_err(|finding| {
            self.finding.replace(Some(finding));
            Halt::Found
        })
    }
}

impl<W: Watch> Sink for Objections<'_, W> {
    fn names(&self) -> &Names {
        self.watch.names()
    }

    fn is_suspect(&self, scene: &Scene, candidate: &Candidate<'_>) -> bool {
        self.watch.is_suspect(scene, candidate)
    }

    fn command(&self, scene: &Scene, command: &Command<'_>) -> Outcome<()> {
        self.keep(self.watch.command(scene, command))
    }

    fn deletes(&self, scene: &Scene, argv: &[String], paths: &[String]) -> Outcome<()> {
        self.keep(self.watch.deletes(scene, argv, paths))
    }

    fn writes(&self, scene: &Scene, write: &Write<'_>) -> Outcome<()> {
        self.keep(self.watch.writes(scene, write))
    }

    fn downloaded(&self, scene: &Scene, argv: &[String]) -> Outcome<()> {
        self.keep(self.watch.downloaded(scene, argv))
    }

    fn defines(&self, scene: &Scene, function: &Function<'_>) -> Outcome<()> {
        self.keep(self.watch.defines(scene, function))
    }

    fn script(&self, scene: &Scene, language: Language, text: &str) -> Outcome<()> {
        self.keep(self.watch.script(scene, language, text))
    }

    fn may_define(&self, scene: &Scene, name: &str, body: &str) -> Outcome<()> {
        self.keep(self.watch.may_define(scene, name, body))
    }

    fn prints(&self, scene: &Scene, command: &Command<'_>) -> Option<String> {
        self.watch.prints(scene, command)
    }
}
