//! What a policy is told of a command, and how it objects.

use std::cell::RefCell;

use crate::halt::{Halt, Outcome};
use crate::language::Language;
use crate::names::Names;
use crate::scene::Scene;
use crate::writes::Write;

/// A simple command as it would run: words expanded, wrappers such as `sudo` taken off.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// What its first word names, without the folder: `rm` of `/bin/rm`.
    pub name: &'a str,
    /// All its words. There is always a first one.
    pub argv: &'a [String],
    /// What it reads, as far as that is known.
    pub stdin: Option<&'a str>,
}

/// What may be a command, in a text that can't be parsed. All texts are raw: with quotes and all.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// One of the [names](Watch::names) that the policy looks for, or `>` for a redirection.
    pub name: &'a str,
    /// What stands before it since the last `;`, line feed or the like.
    pub lead: &'a str,
    /// The words behind it, some hundreds at most; for a redirection its target.
    pub words: &'a str,
    /// Whether there is a pipe behind these.
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

/// Is told what a command does, and may object, which ends the following.
///
/// A follower tells it in the order in which things would run. What may happen or not, as behind
/// `&&`, is told as if it happened.
pub trait Watch {
    /// What an objection says.
    type Finding;

    /// The names of the commands to look for in a text that can't be parsed. Only these are told of
    /// there.
    fn names(&self) -> &Names;

    /// A first look at what may be a command in a text that can't be parsed, which may be of megabytes:
    /// whether it is one to tell of. An answer should cost a microsecond at most.
    fn is_suspect(&self, scene: &Scene, candidate: &Candidate<'_>) -> bool {
        let _ = (scene, candidate);
        true
    }

    /// A simple command runs.
    fn command(&self, scene: &Scene, command: &Command<'_>) -> Result<(), Self::Finding>;

    /// A command deletes these paths with all that is in them: `find … -delete`, a script's `rmtree`.
    /// A command that deletes what its arguments name, such as `rm`, is told as a command alone.
    fn deletes(
        &self,
        scene: &Scene,
        argv: &[String],
        paths: &[String],
    ) -> Result<(), Self::Finding> {
        let _ = (scene, argv, paths);
        Ok(())
    }

    /// A file is written: by a redirection, a command that copies, edits or downloads, or a script.
    /// Where a command does it, the command is told first.
    fn writes(&self, scene: &Scene, write: &Write<'_>) -> Result<(), Self::Finding> {
        let _ = (scene, write);
        Ok(())
    }

    /// What was downloaded is run as `argv` says.
    fn downloaded(&self, scene: &Scene, argv: &[String]) -> Result<(), Self::Finding> {
        let _ = (scene, argv);
        Ok(())
    }

    /// A function of the shell is defined.
    fn defines(&self, scene: &Scene, function: &Function<'_>) -> Result<(), Self::Finding> {
        let _ = (scene, function);
        Ok(())
    }

    /// A script of another language runs. What it does is told besides, as far as it can be read.
    fn script(&self, scene: &Scene, language: Language, text: &str) -> Result<(), Self::Finding> {
        let _ = (scene, language, text);
        Ok(())
    }

    /// In a text that can't be parsed there is what may be the definition of a function with a pipe in
    /// it: its name, and how its body begins. The commands of such a text are told one by one besides.
    fn may_define(&self, scene: &Scene, name: &str, body: &str) -> Result<(), Self::Finding> {
        let _ = (scene, name, body);
        Ok(())
    }

    /// What a command prints, where the policy knows better than the follower. A part that only means
    /// something to the policy can be [`marks::OWN`](crate::marks::OWN).
    fn prints(&self, scene: &Scene, command: &Command<'_>) -> Option<String> {
        let _ = (scene, command);
        None
    }
}

/// A [`Watch`] whose finding is put aside, so that what follows a command needs not know its type.
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

/// A policy, and what it objected to.
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

    /// What was objected to, if anything was.
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
