//! How an address typed on the screen is read: with the flags of the command line, which this room does not know.

use std::{fmt, sync::Arc};

use crate::rpc::{ChannelSettings, Target, Wish};

/// Reads an address and the flags around it, or says in a sentence why that is not possible. It may read files, so it
/// runs where nothing else has to wait for it.
#[derive(Clone)]
pub struct AddressReader(Arc<Read>);

type Read = dyn Fn(&str) -> Result<(Target, ChannelSettings), String> + Send + Sync;

impl AddressReader {
    /// A reader with this function.
    pub fn new(
        read: impl Fn(&str) -> Result<(Target, ChannelSettings), String> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(read))
    }

    pub(super) fn read(&self, typed: &str) -> Result<(Target, ChannelSettings), String> {
        (self.0)(typed)
    }
}

/// One that knows no flags.
impl Default for AddressReader {
    fn default() -> Self {
        Self::new(|typed| {
            let target = Target::parse(typed, Wish::ByAddress).map_err(|error| error.to_string())?;
            Ok((target, ChannelSettings::default()))
        })
    }
}

impl fmt::Debug for AddressReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressReader")
    }
}
