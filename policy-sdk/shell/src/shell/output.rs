//! Works out what a command prints, if its text tells.

use super::Shell;
use crate::downloads::is_download;
use crate::halt::Outcome;
use crate::marks::{self, DOWNLOAD};
use crate::options::Options;
use crate::scene::append;
use crate::watch::Command;
use crate::writes::{self, Way};
use crate::{base64, escapes};

/// Commands that pass on their input in some form.
const FILTERS: &[&str] = &[
    "sed", "awk", "gawk", "grep", "egrep", "rg", "tr", "cut", "sort", "uniq", "gunzip", "zcat",
    "gzip", "xz", "xzcat", "bunzip2", "bzip2", "zstd", "zstdcat", "openssl", "gpg", "rev",
    "dos2unix", "pv", "envsubst", "tac", "nl", "jq", "yq", "head", "tail", "uudecode", "xxd",
    "iconv", "fold", "column", "base64", "base32", "sponge", "less", "more", "strings",
];

impl Shell<'_> {
    /// Returns what a command prints. Reports the files that it writes, and remembers them.
    pub(super) fn output(
        &mut self,
        name: &str,
        argv: &[String],
        stdin: Option<&str>,
    ) -> Outcome<String> {
        let has_written = self.written(name, argv, stdin)?;
        let command = Command { name, argv, stdin };
        if let Some(text) = self.sink.prints(&self.scene, &command) {
            return Ok(text);
        }
        let arguments = &argv[1..];
        Ok(match name {
            "echo" => echo(arguments),
            "printf" => printf(arguments),
            "pwd" => self.scene.folder().text(),
            "yes" => format!("{}\n", arguments.join(" ")),
            "mktemp" => self.temporary(arguments),
            "which" => arguments.last().cloned().unwrap_or_default(),
            "dirname" | "basename" | "realpath" | "readlink" => part(name, arguments),
            "tee" => stdin.map_or_else(marks::unknown, str::to_owned),
            "cat" | "head" | "tail" => self.passed(arguments, stdin),
            "base64" | "gbase64" => self.decoded(arguments, stdin),
            "openssl" if is_base64(arguments) => self.decoded(&["-d".to_owned()], stdin),
            "xxd" if arguments.iter().any(|flag| flag == "-r") => hex(stdin.unwrap_or_default()),
            "rev" => stdin.unwrap_or_default().chars().rev().collect(),
            "cp" | "mv" | "ln" | "install" => String::new(),
            _ if is_download(name, argv) => {
                if has_written {
                    String::new()
                } else {
                    DOWNLOAD.to_string()
                }
            }
            filter if FILTERS.contains(&filter) => self.filtered(arguments, stdin),
            _ => marks::unknown(),
        })
    }

    /// Reports the files that a command writes. Returns whether there are any.
    pub(super) fn written(
        &mut self,
        name: &str,
        argv: &[String],
        stdin: Option<&str>,
    ) -> Outcome<bool> {
        let targets = writes::of(name, argv, stdin, &self.scene);
        let is_some = !targets.is_empty();
        for target in targets {
            let path = self.scene.path(&target.name);
            self.sink.writes(&self.scene, &target.write(argv, &path))?;
            if let Some(content) = target.content {
                self.feed_process(&path, &content)?;
                self.scene
                    .store(&path, content.into(), target.way == Way::Append);
            }
        }
        Ok(is_some)
    }

    fn temporary(&self, arguments: &[String]) -> String {
        let options = Options::read(arguments, &["-p", "--tmpdir", "--suffix"]);
        match (options.value(&["-p"]), options.operands.first()) {
            (Some(folder), _) => format!("{folder}/{}", marks::UNKNOWN),
            (None, Some(template)) if template.contains('/') => (*template).to_owned(),
            (None, Some(template)) if !options.has(&["-t", "--tmpdir"]) => {
                format!("{}/{template}", self.scene.folder().text())
            }
            _ => format!("/tmp/{}", marks::UNKNOWN),
        }
    }

    fn passed(&self, arguments: &[String], stdin: Option<&str>) -> String {
        let options = Options::read(arguments, &["-n", "-c"]);
        let input = || stdin.map_or_else(marks::unknown, str::to_owned);
        if options.operands.is_empty() {
            return input();
        }
        let mut text = String::new();
        for file in &options.operands {
            let part = match *file {
                "-" | "/dev/stdin" => input(),
                file => self.stored(file),
            };
            append(&mut text, &part);
        }
        text
    }

    fn stored(&self, file: &str) -> String {
        let text = self.scene.file(file);
        text.map_or_else(marks::unknown, str::to_owned)
    }

    /// Returns the output of a filter: like its input, and otherwise unknown.
    fn filtered(&self, arguments: &[String], stdin: Option<&str>) -> String {
        match stdin {
            Some(text) => text.to_owned(),
            None => match arguments.last() {
                Some(file) => self.stored(file),
                None => marks::unknown(),
            },
        }
    }

    fn decoded(&self, arguments: &[String], stdin: Option<&str>) -> String {
        let text = self.filtered(arguments, stdin);
        let options = Options::read(arguments, &["-w", "-i"]);
        if options.has(&["-d", "-D", "--decode"]) && !marks::is_open(&text) {
            return base64::text(&text);
        }
        if options.has(&["-d", "-D", "--decode"]) || text.contains(DOWNLOAD) {
            return text;
        }
        marks::unknown()
    }
}

/// `openssl base64 -d`, `openssl enc -base64 -d`.
fn is_base64(arguments: &[String]) -> bool {
    let has = |names: &[&str]| arguments.iter().any(|word| names.contains(&word.as_str()));
    has(&["base64", "-base64", "-a"]) && has(&["-d"])
}

fn echo(arguments: &[String]) -> String {
    let is_flag =
        |word: &&String| matches!(word.as_str(), "-n" | "-e" | "-E" | "-ne" | "-en" | "-nE");
    let flags = arguments.iter().take_while(is_flag).count();
    let text = arguments[flags..].join(" ");
    if arguments[..flags].iter().any(|flag| flag.contains('e')) {
        return escapes::decode(&text);
    }
    text
}

/// Returns what `printf` prints: its format once for each round of arguments.
pub(super) fn printf(arguments: &[String]) -> String {
    let skip = usize::from(arguments.first().is_some_and(|word| word == "--"));
    let Some((format, mut rest)) = arguments.get(skip..).and_then(<[String]>::split_first) else {
        return String::new();
    };
    let format: Vec<char> = escapes::decode(format).chars().collect();
    let mut out = String::new();
    for _ in 0..16 {
        let before = rest.len();
        let mut at = 0;
        while at < format.len() {
            let c = format[at];
            at += 1;
            if c != '%' {
                out.push(c);
                continue;
            }
            let end =
                (at..format.len()).find(|&i| format[i].is_ascii_alphabetic() || format[i] == '%');
            let Some(end) = end else { break };
            at = end + 1;
            if format[end] == '%' {
                out.push('%');
            } else if let Some((argument, left)) = rest.split_first() {
                match format[end] {
                    'b' => out.push_str(&escapes::decode(argument)),
                    _ => out.push_str(argument),
                }
                rest = left;
            }
        }
        if rest.is_empty() || rest.len() == before {
            break;
        }
    }
    out
}

fn part(name: &str, arguments: &[String]) -> String {
    let Some(path) = arguments.iter().find(|word| !word.starts_with('-')) else {
        return marks::unknown();
    };
    match name {
        "basename" => {
            let base = path
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or(path);
            let suffix = arguments.last().filter(|last| *last != path);
            suffix
                .and_then(|suffix| base.strip_suffix(suffix.as_str()))
                .unwrap_or(base)
                .to_owned()
        }
        "dirname" => match path.trim_end_matches('/').rsplit_once('/') {
            Some(("", _)) => "/".to_owned(),
            Some((folder, _)) => folder.to_owned(),
            None if marks::is_open(path) => marks::unknown(),
            None => ".".to_owned(),
        },
        _ => path.clone(),
    }
}

fn hex(text: &str) -> String {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    let bytes = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit) as u8);
    marks::neutral(&String::from_utf8_lossy(&bytes.collect::<Vec<u8>>())).into_owned()
}
