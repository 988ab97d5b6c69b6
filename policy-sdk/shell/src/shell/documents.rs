//! Leaves out of a long text what it only writes to files: agents write whole files by
//! here-documents, and parsing those would cost more than all the rest.

use std::borrow::Cow;

/// Texts up to this length are left alone.
const SHORT: usize = 4 * 1024;

/// The text without here-documents that go to a file which nothing behind them names.
pub(super) fn without_data(text: &str) -> Cow<'_, str> {
    if text.len() <= SHORT || !text.contains("<<") {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(end) = rest.find('\n') {
        let (line, behind) = rest.split_at(end + 1);
        kept.push_str(line);
        rest = behind;
        if let Some(document) = Written::read(line)
            && let Some(close) = document.close(rest)
            && !rest[close..].contains(document.file)
        {
            rest = &rest[close..];
        }
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// A here-document that a line sends to a file, word for word.
struct Written<'a> {
    delimiter: &'a str,
    is_indented: bool,
    file: &'a str,
}

impl<'a> Written<'a> {
    /// Reads `cat > FILE <<'END'`, `cat <<'END' > FILE` and `tee FILE <<'END'`.
    fn read(line: &'a str) -> Option<Self> {
        let line = line.trim_end();
        // Behind the last command of the line, so that `mkdir x && cat > x/y <<'END'` is one too.
        let command = line.rsplit(['&', ';']).next()?.trim_start();
        let command = command.strip_prefix("sudo ").unwrap_or(command);
        let arguments = command
            .strip_prefix("cat ")
            .or_else(|| command.strip_prefix("tee "))?;
        if arguments.contains(['|', '(', '`', '$']) || line.matches("<<").count() != 1 {
            return None;
        }
        let (before, behind) = arguments.split_once("<<")?;
        let is_indented = behind.starts_with('-');
        let behind = behind.trim_start_matches('-').trim_start();
        let quote = behind.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (delimiter, behind) = behind[1..].split_once(quote)?;
        let names = before.split_whitespace().chain(behind.split_whitespace());
        let mut names = names
            .map(|word| word.trim_start_matches('>'))
            .filter(|word| !word.is_empty());
        let file = names.next().filter(|file| !file.starts_with('-'))?;
        let is_one = names.next().is_none_or(|word| word == "/dev/null");
        let name = file.trim_matches(['\'', '"']).rsplit('/').next()?;
        (is_one && !name.is_empty() && !file.starts_with("/dev/")).then_some(Self {
            delimiter,
            is_indented,
            file: name,
        })
    }

    /// Where the line of the delimiter begins.
    fn close(&self, text: &str) -> Option<usize> {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end_matches('\n');
            let bare = if self.is_indented {
                bare.trim_start_matches('\t')
            } else {
                bare
            };
            if bare == self.delimiter {
                return Some(at);
            }
            at += line.len();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(line: &str, behind: &str) -> String {
        format!("{line}\n{}END\n{behind}", "rm -rf src\n".repeat(500))
    }

    #[test]
    fn what_is_written_to_a_file_is_left_out() {
        for line in [
            "cat > a.txt <<'END'",
            "cat <<'END' > src/a.txt",
            "cat <<\"END\" >> a.txt",
            "sudo tee /etc/a.txt <<'END' > /dev/null",
            "mkdir -p x && cat > x/a.txt << 'END'",
        ] {
            assert_eq!(
                without_data(&text(line, "ls\n")),
                format!("{line}\nEND\nls\n"),
                "{line}"
            );
        }
    }

    #[test]
    fn what_may_be_run_is_kept() {
        for (line, behind) in [
            ("cat > a.sh <<'END'", "bash a.sh\n"),
            ("cat > a.sh <<END", "ls\n"),
            ("cat <<'END' | bash", "ls\n"),
            ("bash <<'END'", "ls\n"),
            ("cat <<'END'", "ls\n"),
            ("cat <<'END' > >(bash)", "ls\n"),
        ] {
            let text = text(line, behind);
            assert_eq!(without_data(&text), text, "{line}");
        }
    }
}
