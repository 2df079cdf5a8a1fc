//! Reads Rust just well enough to say which paths a source names: comments are no code, strings are
//! kept apart, and a `use` with groups is every path that it stands for.

/// What a source is made of, as far as the rooms go.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// The inside of a string.
    Text(String),
    /// `::`
    Step,
    Sign(char),
}

/// A path as it is written, and where: `["super", "model", "Model"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// The modules within the file that it stands in.
    pub(crate) within: Vec<String>,
}

/// A source, read.
#[derive(Debug)]
pub(crate) struct Source {
    tokens: Vec<(Token, usize)>,
}

impl Source {
    pub(crate) fn read(text: &str) -> Self {
        Self { tokens: tokens(text) }
    }

    /// Every path that is named, `use` or not.
    pub(crate) fn paths(&self) -> Vec<Path> {
        let mut reader = Reader { tokens: &self.tokens, at: 0, blocks: Vec::new(), paths: Vec::new() };
        reader.read();
        reader.paths
    }

    /// Words and strings that hold a text, and their lines. Comments do not count.
    pub(crate) fn lines_with(&self, part: &str) -> Vec<usize> {
        let holds = |token: &Token| match token {
            Token::Word(text) | Token::Text(text) => text.contains(part),
            _ => false,
        };
        self.tokens.iter().filter(|(token, _)| holds(token)).map(|(_, line)| *line).collect()
    }
}

struct Reader<'a> {
    tokens: &'a [(Token, usize)],
    at: usize,
    /// The open braces; a name where they are a module's.
    blocks: Vec<Option<String>>,
    paths: Vec<Path>,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some((token, _)) = self.tokens.get(self.at) {
            match token {
                Token::Word(word) if word == "mod" => self.module(),
                Token::Word(_) => self.tree(&[]),
                Token::Sign('{') => self.enter(None),
                Token::Sign('}') => {
                    self.blocks.pop();
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }

    fn enter(&mut self, name: Option<String>) {
        self.blocks.push(name);
        self.at += 1;
    }

    /// `mod name {` opens a module; `mod name;` does not.
    fn module(&mut self) {
        self.at += 1;
        if let (Some(Token::Word(name)), Some(Token::Sign('{'))) = (self.token(0), self.token(1)) {
            let name = name.clone();
            self.at += 1;
            self.enter(Some(name));
        }
    }

    fn token(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|(token, _)| token)
    }

    /// A path, or a tree of them behind one beginning.
    fn tree(&mut self, before: &[String]) {
        let mut segments = before.to_vec();
        let line = self.tokens[self.at].1;
        loop {
            match self.token(0) {
                Some(Token::Word(word)) => segments.push(word.clone()),
                Some(Token::Sign('*')) => segments.push("*".to_owned()),
                Some(Token::Sign('{')) => return self.group(&segments),
                _ => break,
            }
            self.at += 1;
            let goes_on = matches!(self.token(1), Some(Token::Word(_) | Token::Sign('*' | '{')));
            if self.token(0) != Some(&Token::Step) || !goes_on {
                break;
            }
            self.at += 1;
        }
        // `{self, …}` is the beginning itself.
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        let within = self.blocks.iter().flatten().cloned().collect();
        self.paths.push(Path { segments, line, within });
    }

    fn group(&mut self, before: &[String]) {
        self.at += 1;
        while let Some(token) = self.token(0) {
            match token {
                Token::Sign('}') => {
                    self.at += 1;
                    return;
                }
                // `as other_name`
                Token::Word(word) if word == "as" => self.at += 2,
                Token::Word(_) | Token::Sign('*' | '{') => self.tree(before),
                _ => self.at += 1,
            }
        }
    }
}

fn tokens(text: &str) -> Vec<(Token, usize)> {
    let mut cursor = Cursor { rest: text, line: 1 };
    let mut tokens = Vec::new();
    while let Some(next) = cursor.rest.chars().next() {
        let line = cursor.line;
        let token = match next {
            '/' if cursor.rest.starts_with("//") => {
                cursor.take(cursor.rest.find('\n').unwrap_or(cursor.rest.len()));
                continue;
            }
            '/' if cursor.rest.starts_with("/*") => {
                cursor.block_comment();
                continue;
            }
            '"' => Token::Text(cursor.string()),
            '\'' => {
                cursor.char_or_lifetime();
                continue;
            }
            c if is_word(c) => {
                let length = cursor.rest.find(|c| !is_word(c)).unwrap_or(cursor.rest.len());
                let word = cursor.take(length).to_owned();
                match cursor.raw_string(&word) {
                    Some(text) => Token::Text(text),
                    None => Token::Word(word),
                }
            }
            ':' if cursor.rest.starts_with("::") => {
                cursor.take(2);
                Token::Step
            }
            c => {
                cursor.take(c.len_utf8());
                if c.is_whitespace() {
                    continue;
                }
                Token::Sign(c)
            }
        };
        tokens.push((token, line));
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    /// They nest.
    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.take(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.take(2);
            } else {
                let Some(c) = self.rest.chars().next() else { return };
                self.take(c.len_utf8());
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) -> String {
        let mut escaped = false;
        let end = self.rest[1..].find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let length = end.map_or(self.rest.len(), |end| end + 2);
        self.take(length).trim_matches('"').to_owned()
    }

    /// Behind an `r` or `br` that begins one.
    fn raw_string(&mut self, word: &str) -> Option<String> {
        let hashes = self.rest.len() - self.rest.trim_start_matches('#').len();
        if !matches!(word, "r" | "br" | "cr") || !self.rest[hashes..].starts_with('"') {
            return None;
        }
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = &self.rest[hashes + 1..];
        let length = inside.find(&end).map_or(self.rest.len(), |at| hashes + 1 + at + end.len());
        Some(self.take(length).trim_matches(['#', '"']).to_owned())
    }

    fn char_or_lifetime(&mut self) {
        let mut inside = self.rest[1..].chars();
        let length = match (inside.next(), inside.next()) {
            (Some('\\'), _) => {
                // The escape's own quote, as in `'\''`, is not the end.
                self.rest[3.min(self.rest.len())..].find('\'').map_or(self.rest.len(), |end| end + 4)
            }
            (Some(c), Some('\'')) => c.len_utf8() + 2,
            _ => 1,
        };
        self.take(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<String> {
        Source::read(text).paths().iter().map(|path| path.segments.join("::")).collect()
    }

    #[test]
    fn a_group_is_every_path_that_it_stands_for() {
        let text = "use crate::{rpc::{self, Status as S, status::{Code, *}}, text};";
        let paths = named(text);
        let expected = [
            "crate::rpc",
            "crate::rpc::Status",
            "crate::rpc::status::Code",
            "crate::rpc::status::*",
            "crate::text",
        ];
        assert_eq!(paths[1..], expected);
    }

    #[test]
    fn a_path_in_the_middle_of_code_is_found() {
        assert!(
            named("fn f() { let t = std::time::Instant::now(); }")
                .contains(&"std::time::Instant::now".into())
        );
        assert!(named("fn f(x: &crate::tui::Model) {}").contains(&"crate::tui::Model".into()));
        assert!(named("let all = names.collect::<Vec<_>>();").contains(&"collect".into()));
    }

    #[test]
    fn comments_and_strings_name_nothing() {
        for text in [
            "// crate::tui",
            "/// [`crate::tui`]",
            "/* a /* b */ crate::tui */",
            "\"crate::tui \\\" crate::tui\"",
            "r#\"crate::tui \" crate::tui\"#",
            "['\"', '\\'', '\\\\', '\\u{1b}'] // crate::tui",
        ] {
            assert!(!named(text).iter().any(|path| path.contains("tui")), "{text}");
        }
        assert!(named("fn f<'a>(x: &'a crate::tui::X, y: char) {}").contains(&"crate::tui::X".into()));
    }

    #[test]
    fn strings_can_be_searched_and_comments_not() {
        let source = Source::read("// SayHi\n/// SayHi\nlet a = \"/x/SayHi\";\nlet b = r\"SayHi\";\nSayHi()");
        assert_eq!(source.lines_with("SayHi"), [3, 4, 5]);
    }

    #[test]
    fn modules_within_a_file_are_known() {
        let paths = Source::read("mod a { use super::x; mod b { use super::y; } } use super::z;").paths();
        let within = |end: &str| {
            let path = paths.iter().find(|path| path.segments.last().is_some_and(|last| last == end));
            path.unwrap().within.join("::")
        };
        assert_eq!([within("x"), within("y"), within("z")], ["a", "a::b", ""]);
    }
}
