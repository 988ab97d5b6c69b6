//! What scripts and unparsed texts need of the shell around them.
//!
//! The shell implements it. It keeps those who find commands in other texts apart from the shell, which
//! in turn starts them.

use crate::halt::Outcome;
use crate::language::Language;
use crate::marks;
use crate::scene::{Scene, System};
use crate::watch::Sink;
use crate::writes::{Way, Write};

/// A shell, to those who find commands in a text that is none of its own.
pub(crate) trait Runner {
    /// What is known here.
    fn scene(&self) -> &Scene;

    /// The same, to be changed.
    fn scene_mut(&mut self) -> &mut Scene;

    /// Who is told.
    fn sink(&self) -> &dyn Sink;

    /// Takes steps.
    fn spend(&self, steps: usize) -> Outcome<()>;

    /// Sets the steps that are left, and gives how many were.
    fn refill(&self, steps: usize) -> usize;

    /// Follows a text for a shell, in a shell of its own.
    fn run(&mut self, text: &str) -> Outcome<()>;

    /// Follows a text for a shell that reads this, in a shell of its own.
    fn feed(&mut self, text: &str, stdin: &str) -> Outcome<()>;

    /// Follows the words of a command, in a shell of its own, and gives what it prints.
    fn start(&mut self, argv: &[String], stdin: Option<&str>) -> Outcome<String>;

    /// Follows a script that a script evaluates.
    fn evaluate(&mut self, language: Language, text: &str) -> Outcome<()>;

    /// The names of functions of scripts that run a shell, beside those of the languages.
    fn tools(&self) -> &[&str];

    /// Tells of a file that is written, and remembers its text.
    fn write(
        &mut self,
        argv: &[String],
        target: &str,
        content: Option<&str>,
        way: Way,
    ) -> Outcome<()> {
        if self.scene().system() == System::Windows && target.eq_ignore_ascii_case("nul") {
            return Ok(());
        }
        let path = self.scene().path(target);
        let write = Write {
            argv,
            target,
            path: &path,
            content: content.filter(|content| *content != marks::unknown()),
            way,
        };
        self.sink().writes(self.scene(), &write)?;
        let text = content.map_or_else(marks::unknown, str::to_owned);
        self.scene_mut()
            .store(&path, text.into(), way == Way::Append);
        Ok(())
    }

    /// The text with the variables in it replaced, written as a shell's.
    fn filled(&mut self, text: &str) -> Outcome<String>;
}
