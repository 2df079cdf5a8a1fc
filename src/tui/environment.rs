//! Variables of the environment in what is typed: `${TOKEN}`, so that secrets stay out of files.

/// Why a variable could not be put in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum VariableError {
    /// `${TOKEN`
    #[error("${{ has no }} behind it")]
    Unclosed,
    /// It is not set.
    #[error("the environment has no {0}")]
    Unset(String),
}

/// The text with the values of its variables, looked up by their names. A `$` without a brace is a `$`.
pub(super) fn expand(text: &str, look_up: impl Fn(&str) -> Option<String>) -> Result<String, VariableError> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        let (name, after) = behind.split_once('}').ok_or(VariableError::Unclosed)?;
        expanded.push_str(before);
        expanded.push_str(&look_up(name).ok_or_else(|| VariableError::Unset(name.to_owned()))?);
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// The names of the variables in a text.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|behind| behind.split_once('}')).map(|(name, _)| name)
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
    fn what_is_not_set_and_what_is_not_closed_is_told() {
        assert_eq!(expanded("${OTHER}"), Err(VariableError::Unset("OTHER".to_owned())));
        assert_eq!(expanded("${TOKEN"), Err(VariableError::Unclosed));
    }
}
