//! Every action once: its name, its keys, the words for it, and where it applies.
//!
//! The key table is the only place that knows a key. Input, footer, help, palette and the README
//! are made from it.

mod key;
mod table;

pub use key::{Key, Prefix};
pub use table::{Binding, Scope, TABLE, binding, lookup};

/// Something the user can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Start a call, or send a message on the open stream.
    Submit,
    /// Begin another row of the line.
    NewLine,
    /// Put every field of the request into the line.
    Template,
    /// Accept what is proposed at the cursor.
    Complete,
    /// Choose the next proposal.
    NextProposal,
    /// Choose the proposal before.
    ProposalBefore,
    /// Edit the line in the user's own editor.
    EditOutside,
    /// Start another stream beside the open one.
    NewStream,
    /// End the request stream.
    HalfClose,
    /// Cancel a live call; or clear the line; or, asked twice, quit.
    Cancel,
    /// Send the line in all panes, or play the introduction.
    GreetAll,
    /// Focus the next pane.
    NextPane,
    /// Focus the pane before.
    PreviousPane,
    /// Focus the pane of this number, from 0.
    Focus(u8),
    /// Go back in the method's history.
    HistoryBack,
    /// Go forward in the method's history.
    HistoryForward,
    /// Scroll towards the oldest.
    PageUp,
    /// Scroll towards the newest.
    PageDown,
    /// Go to the end of the line, or to the newest message.
    End,
    /// Give the pane the whole screen, or take it back.
    Zoom,
    /// Redraw everything and scroll ended calls away.
    Redraw,
    /// Save the pane's transcript.
    Save(Saved),
    /// Search the method's history.
    SearchHistory,
    /// Choose a command by its name.
    Palette,
    /// Show the help.
    Help,
    /// Show the server and the connection.
    Server,
    /// Show how calls are made.
    Options,
    /// Change the options of every pane, or of this one.
    OtherWhose,
    /// Type another piece of metadata.
    AddMetadata,
    /// Delete the chosen piece of metadata.
    DeleteMetadata,
    /// Type the deadline.
    SetDeadline,
    /// Compress what is sent, or not.
    NextCompression,
    /// Wait where there is no connection, or do not.
    ToggleWaiting,
    /// Show secrets, or mask them.
    ShowSecrets,
    /// Show the frames as they pass.
    Wire,
    /// Show the chosen frame's bytes, or hide them.
    FrameBytes,
    /// Show the frames of one call alone, or all.
    OnlyThisCall,
    /// Show other types of frames.
    FrameTypes,
    /// Hold the wire's view, or let it go on.
    HoldWire,
    /// Stop reading a call's stream, or read on.
    StopReading,
    /// Stop the program until `fg`.
    Suspend,
    /// Leave.
    Quit,
    /// Move into the transcript, or leave a panel.
    Escape,
    /// Let the mouse go to the terminal, or take it back.
    ToggleMouse,
    /// Edit the line.
    Edit(Edit),
    /// Choose the row before.
    Up,
    /// Choose the row after.
    Down,
    /// Choose the first row.
    Top,
    /// Choose the last row.
    Bottom,
    /// Show what can be done with the chosen row; in a list, do it.
    Open,
    /// Copy the chosen message or frame, or the address; for a call, ask for the format.
    Copy,
    /// Copy the chosen message's bytes in hex.
    CopyBytes,
    /// Copy the chosen call as a command for a shell.
    CopyCommand(Tool),
    /// Copy the chosen call's transcript.
    CopyTranscript,
    /// Put the chosen request back into the line.
    Reuse,
    /// Stop the embedded server.
    StopServer,
    /// Start the embedded server.
    StartServer,
    /// Stop the embedded server and start it again on the same port.
    RestartServer,
    /// More replies in a server stream.
    MoreReplies,
    /// Fewer replies in a server stream.
    FewerReplies,
    /// A longer pause between replies.
    LongerPause,
    /// A shorter pause between replies.
    ShorterPause,
    /// Find out why the server cannot be called, or stop that.
    Examine,
    /// Use another service.
    Services,
    /// Choose among this pane's methods.
    Methods,
    /// Type another server's address.
    ConnectTo,
    /// Go back to the embedded server.
    BackToEmbedded,
    /// Copy the server's address.
    CopyAddress,
    /// Send each line of a paste.
    SendLines,
    /// Put a paste into the line.
    InsertPaste,
}

/// The form that a transcript is saved in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Saved {
    /// For people.
    Text,
    /// For programs: a JSON object for each thing that happened.
    JsonLines,
}

/// The tool that a command for a shell is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tool {
    /// `greeter call`.
    Greeter,
    /// `grpcurl`.
    Grpcurl,
}

/// Something done to the line, as readline does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edit {
    /// To the line's start.
    Start,
    /// One character to the left.
    Left,
    /// One character to the right.
    Right,
    /// One word to the left.
    WordLeft,
    /// One word to the right.
    WordRight,
    /// Delete the character before the cursor.
    Backspace,
    /// Delete the character under the cursor.
    Delete,
    /// Cut to the line's end.
    CutToEnd,
    /// Cut to the line's start.
    CutToStart,
    /// Cut the word before the cursor, by white space.
    CutWord,
    /// Cut the word after the cursor.
    CutWordRight,
    /// Put back what was cut.
    Yank,
}

impl Edit {
    /// Whether the text may change, or only the cursor's place in it.
    pub fn changes_text(self) -> bool {
        !matches!(self, Self::Start | Self::Left | Self::Right | Self::WordLeft | Self::WordRight)
    }
}
