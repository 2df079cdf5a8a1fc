//! Variables of the environment in what is written: `${TOKEN}`, so that secrets stay out of files.

use super::Safe;

/// Why a variable could not be put in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// `${TOKEN`
    #[error("${{ has no }} behind it")]
    Unclosed,
    /// `${}`
    #[error("${{}} names no variable")]
    Nameless,
    /// It is not set.
    #[error("the environment has no {0}")]
    Unset(Safe),
}

/// The text with the values of its variables, looked up by their names. A `$` without a brace is a `$`.
pub fn expand(text: &str, look_up: impl Fn(&str) -> Option<String>) -> Result<String, VariableError> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        let (name, after) = behind.split_once('}').ok_or(VariableError::Unclosed)?;
        expanded.push_str(before);
        if name.is_empty() {
            return Err(VariableError::Nameless);
        }
        expanded.push_str(&look_up(name).ok_or_else(|| VariableError::Unset(Safe::cut(name, 60)))?);
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// The names of the variables in a text.
pub fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|behind| behind.split_once('}')).map(|(name, _)| name)
}

/// Whether a text tells nothing but variables, and how they are used: `Bearer ${TOKEN}`, `session=${SESSION}`.
pub fn is_variables(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace().peekable();
    let scheme = words.peek().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let words: Vec<&str> = words.skip(usize::from(scheme)).collect();
    !words.is_empty() && words.into_iter().all(is_variables_word)
}

/// Variables side by side, behind the name of what they are and before a separator.
fn is_variables_word(word: &str) -> bool {
    let named = word.split_once('=').filter(|(name, _)| !name.contains("${"));
    let mut rest = named.map_or(word, |(_, value)| value).trim_end_matches([';', ',']);
    if rest.is_empty() {
        return false;
    }
    while let Some(behind) = rest.strip_prefix("${") {
        let Some((_, after)) = behind.split_once('}') else { return false };
        rest = after.strip_prefix(':').unwrap_or(after);
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<String, VariableError> {
        expand(text, |name| (name == "TOKEN").then(|| "${TOKEN}s3cret".to_owned()))
    }

    #[test]
    fn a_variable_is_its_value_and_its_value_is_not_looked_at_again() {
        assert_eq!(expanded("Bearer ${TOKEN}!").unwrap(), "Bearer ${TOKEN}s3cret!");
        assert_eq!(expanded("$5, {TOKEN}").unwrap(), "$5, {TOKEN}");
    }

    #[test]
    fn beside_variables_only_a_scheme_and_names_tell_nothing() {
        for told in
            ["${A}", "Bearer ${A}", "${USER}:${PASSWORD}", "a=${A}; b=${B}", "Digest user=${U}, r=${R}"]
        {
            assert!(is_variables(told), "{told}");
        }
        for secret in ["", "abc", "Bearer", "Bearer abc", "Bearer x${A}", "${A}x", "a=${A}; b=3", "${A", "a="]
        {
            assert!(!is_variables(secret), "{secret}");
        }
    }

    #[test]
    fn what_is_not_set_and_what_is_not_closed_is_told() {
        assert_eq!(expanded("${OTHER}"), Err(VariableError::Unset(Safe::new("OTHER"))));
        assert_eq!(expanded("${TOKEN"), Err(VariableError::Unclosed));
        assert_eq!(expanded("Bearer ${}"), Err(VariableError::Nameless));
    }
}
