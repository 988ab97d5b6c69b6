//! The interface between scripts or unparsed texts and the shell around them.
//!
//! The shell implements it. So the modules that find commands in other texts need not know the
//! shell, which starts them.

use crate::halt::Outcome;
use crate::language::Language;
use crate::marks;
use crate::scene::{Scene, System};
use crate::watch::{Command, Sink};
use crate::writes::{Way, Write};

/// A shell, as seen by modules that find commands in other texts.
pub(crate) trait Runner {
    /// What is known at this point.
    fn scene(&self) -> &Scene;

    /// The same, for changing it.
    fn scene_mut(&mut self) -> &mut Scene;

    /// The receiver of reports.
    fn sink(&self) -> &dyn Sink;

    /// Spends steps. Fails if none are left.
    fn spend(&self, steps: usize) -> Outcome<()>;

    /// Sets the number of remaining steps, and returns the old number.
    fn refill(&self, steps: usize) -> usize;

    /// Follows a text for a shell, in a subshell.
    fn run(&mut self, text: &str) -> Outcome<()>;

    /// Follows a text for a shell whose standard input is `stdin`, in a subshell.
    fn feed(&mut self, text: &str, stdin: &str) -> Outcome<()>;

    /// Follows a command given by its words, in a subshell. Returns what it prints.
    fn start(&mut self, argv: &[String], stdin: Option<&str>) -> Outcome<String>;

    /// Follows a script that another script evaluates.
    fn evaluate(&mut self, language: Language, text: &str) -> Outcome<()>;

    /// The names of functions in scripts that run a shell, in addition to those of the languages.
    fn tools(&self) -> &[&str];

    /// Reports a command under the name by which policies know it.
    fn report(&self, name: &str, argv: &[String]) -> Outcome<()> {
        let command = Command {
            name,
            argv,
            stdin: None,
        };
        self.sink().command(self.scene(), &command)
    }

    /// Reports a file that is written, and remembers its text.
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

    /// Returns the text with its variables replaced. They are written as a shell's.
    fn filled(&mut self, text: &str) -> Outcome<String>;
}
