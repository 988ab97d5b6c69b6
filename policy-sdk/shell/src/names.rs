//! The names of commands, to be looked for in long texts.

/// A set of command names that is cheap to ask: most words of a text are turned away by their first
/// two letters.
#[derive(Clone, Debug)]
pub struct Names {
    /// One bit for each pair of first letters, folded to five bits each.
    pairs: [u32; 32],
    /// Sorted.
    names: Vec<String>,
    /// Names of which the rest does not matter, such as `mkfs` of `mkfs.ext4`.
    stems: Vec<String>,
}

impl Names {
    /// The set of these names. One that ends with `*` stands for all that begin so.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let (stems, mut names): (Vec<&str>, Vec<&str>) =
            names.into_iter().partition(|name| name.ends_with('*'));
        names.sort_unstable();
        names.dedup();
        let stems: Vec<&str> = stems
            .iter()
            .map(|stem| stem.trim_end_matches('*'))
            .collect();
        let mut pairs = [0; 32];
        for name in names.iter().chain(&stems) {
            let (row, column) = pair(name.as_bytes());
            match column {
                Some(column) => pairs[row] |= 1 << column,
                // One letter, or a stem of one: whatever follows.
                None => pairs[row] = u32::MAX,
            }
        }
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Self {
            pairs,
            names: owned(names),
            stems: owned(stems),
        }
    }

    /// Whether the name is one of these.
    pub fn has(&self, name: &str) -> bool {
        self.may_begin(name.as_bytes())
            && (self
                .names
                .binary_search_by(|own| own.as_str().cmp(name))
                .is_ok()
                || self
                    .stems
                    .iter()
                    .any(|stem| name.starts_with(stem.as_str())))
    }

    /// Whether one of the names may begin as this text does.
    pub(crate) fn may_begin(&self, text: &[u8]) -> bool {
        let (row, column) = pair(text);
        self.pairs[row] & column.map_or(u32::MAX, |column| 1 << column) != 0
    }
}

fn pair(text: &[u8]) -> (usize, Option<u32>) {
    let folded = |c: &u8| u32::from(c & 31);
    let row = text.first().map_or(0, folded);
    (row as usize, text.get(1).map(folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_stems_are_found() {
        let names = Names::new(["rm", "git", "mkfs*", "w"]);
        for name in ["rm", "git", "mkfs", "mkfs.ext4", "w"] {
            assert!(names.has(name), "{name}");
        }
        for name in ["", "r", "rmdir", "gi", "mkf", "Rm", "ls"] {
            assert!(!names.has(name), "{name}");
        }
    }
}
