//! Evaluates static members of types, as far as they matter: files, downloads, processes,
//! encodings.

use super::evaluate::code;
use super::files::Removal;
use super::follow::PowerShell;
use super::methods::{argument, tainted};
use super::operators::{self, first};
use super::tree::Expression;
use super::value::{Value, Values, is_false, lines, one, texts, unknown};
use crate::base64;
use crate::halt::Outcome;
use crate::marks::{self, DOWNLOAD};
use crate::runner::Runner;
use crate::writes::Way;

/// A call of a static member of a type.
pub(super) struct Static<'m> {
    /// The type, by its name in lower case.
    pub(super) of: &'m str,
    pub(super) name: &'m str,
    pub(super) given: &'m [Values],
}

impl Static<'_> {
    pub(super) fn follow(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let &Self { of, name, given } = self;
        let argument = |at| argument(given, at);
        let argv = || {
            let words = given.iter().map(|items| first(items));
            std::iter::once(format!("[{of}]::{name}"))
                .chain(words)
                .collect::<Vec<String>>()
        };
        let is_file = of == "io.file" || of.ends_with("fileio.filesystem");
        Ok(match name {
            "delete" | "deletefile" | "deletedirectory" => {
                let is_recursive = name == "deletedirectory"
                    || of == "io.directory" && given.get(1).is_some_and(|items| !is_false(items));
                let removal = Removal {
                    name: &[format!("[{of}]::{name}")],
                    paths: &[argument(0)],
                    is_recursive,
                };
                removal.report(shell.runner)?;
                Values::new()
            }
            "writealltext" | "writealllines" | "writeallbytes" | "appendalltext"
            | "appendalllines" | "appendtext" | "createtext" | "openwrite" | "create"
                if is_file =>
            {
                let way = if name.starts_with("append") {
                    Way::Append
                } else {
                    Way::Replace
                };
                let content = given.get(1).map(|items| lines(items));
                shell
                    .runner
                    .write(&argv(), &argument(0), content.as_deref(), way)?;
                Values::new()
            }
            "copy" | "move" | "replace" if is_file || of == "io.directory" => {
                shell
                    .runner
                    .write(&argv(), &argument(1), None, Way::Replace)?;
                Values::new()
            }
            "readalltext" | "readalllines" if is_file => {
                let text = shell.runner.scene().file(&argument(0)).map(str::to_owned);
                text.map_or_else(unknown, one)
            }
            "start" if of == "diagnostics.process" => {
                let line = [argument(0), argument(1)].join(" ");
                shell.start(&crate::windows::words(&line), None)?
            }
            "create" if of.ends_with("scriptblock") => {
                code(given.first().cloned().unwrap_or_default())
            }
            "create" if of == "powershell" => vec![Value::Type(of.to_owned())],
            "addscript" => code(given.first().cloned().unwrap_or_default()),
            "new" => vec![Value::Type(of.to_owned())],
            name if name.starts_with("download") => self.download(shell.runner)?,
            "getstringasync" | "getasync" | "getstreamasync" | "getbytearrayasync" => {
                one(DOWNLOAD.to_string())
            }
            "exit" | "shutdown" => Values::new(),
            _ => return self.text(shell),
        })
    }

    /// Evaluates members of types that only return texts.
    fn text(&self, shell: &mut PowerShell<'_>) -> Outcome<Values> {
        let &Self { of, name, given } = self;
        let argument = |at| argument(given, at);
        Ok(match name {
            "combine" if of == "io.path" => {
                let parts: Vec<String> = given.iter().flat_map(|items| texts(items)).collect();
                one(parts.join("/"))
            }
            "gettemppath" => one("/tmp"),
            "gettempfilename" => one(format!("/tmp/{}", marks::UNKNOWN)),
            "getfullpath" | "expandenvironmentvariables" | "escape" | "unescape" => {
                given.first().cloned().unwrap_or_default()
            }
            "getfolderpath" => one(folder(&argument(0).to_lowercase())),
            "getenvironmentvariable" => {
                let name = format!("env:{}", argument(0).to_lowercase());
                Expression::Variable(name).value(shell)?
            }
            "frombase64string" => one(argument(0)),
            "getstring" => decoded(given.first().map(Vec::as_slice).unwrap_or_default()),
            "concat" => one(given
                .iter()
                .flat_map(|items| texts(items))
                .collect::<String>()),
            "join" => {
                let rest: Vec<String> = given
                    .iter()
                    .skip(1)
                    .flat_map(|items| texts(items))
                    .collect();
                one(rest.join(&argument(0)))
            }
            "format" => {
                let rest = given.iter().skip(1).flatten().cloned().collect();
                operators::binary("f", one(argument(0)), rest)
            }
            _ => tainted(&[], given),
        })
    }

    /// `DownloadString`, `DownloadFile`, `DownloadData` of a web client.
    fn download(&self, runner: &mut dyn Runner) -> Outcome<Values> {
        let &Self { of, name, given } = self;
        let content = DOWNLOAD.to_string();
        if !name.starts_with("downloadfile") {
            return Ok(one(content));
        }
        let target = argument(given, 1);
        let argv = [format!("[{of}]::{name}"), target.clone()];
        runner.write(&argv, &target, Some(&content), Way::Replace)?;
        Ok(Values::new())
    }
}

/// Returns the value of a static property.
pub(super) fn property(of: &str, name: &str) -> Values {
    match (of, name) {
        ("io.path", "directoryseparatorchar" | "altdirectoryseparatorchar") => one("/"),
        ("environment", "systemdirectory") => one("C:/Windows/System32"),
        ("environment", "newline") => one("\n"),
        ("environment", "currentdirectory") => one(marks::START.to_string()),
        ("string", "empty") => one(""),
        // `[Text.Encoding]::UTF8.GetString(…)`: the encoding of the bytes.
        ("text.encoding", _) => vec![Value::Type(format!("text.encoding.{name}"))],
        _ => unknown(),
    }
}

/// Decodes bytes, given as numbers or as decoded base64.
fn decoded(bytes: &[Value]) -> Values {
    match bytes {
        [Value::Text(text)] if !marks::is_open(text) => one(base64::text(text)),
        [Value::Number(_), ..] => {
            let letters = operators::cast("char", bytes.to_vec());
            one(texts(&letters).concat())
        }
        _ => bytes.to_vec(),
    }
}

fn folder(name: &str) -> String {
    match name {
        "userprofile" | "personal" | "mydocuments" => "~".to_owned(),
        "localapplicationdata" => "~/AppData/Local".to_owned(),
        "applicationdata" => "~/AppData/Roaming".to_owned(),
        "desktop" | "desktopdirectory" => "~/Desktop".to_owned(),
        "startup" => "~/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup".to_owned(),
        "windows" => "C:/Windows".to_owned(),
        "system" => "C:/Windows/System32".to_owned(),
        _ => marks::unknown(),
    }
}
