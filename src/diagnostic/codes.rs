//! The codes of all errors: a number is never reused. `E01..` query text, `E02..` macros, `E03..` arguments and
//! input, `E04..` run time.

/// Who has to act, and so which exit code: 2 for refused, 1 for failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The query, macro or argument is not one that can be run.
    Refused,
    /// The run itself failed.
    Failed,
}

/// A stable error code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `E` and four digits.
    pub id: &'static str,
    /// Refused or failed.
    pub class: Class,
    /// What the code means, for `spelunk help E0101`.
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($name:ident $id:literal $class:ident $meaning:literal)*) => {
        $(
            #[doc = $meaning]
            pub static $name: Code = Code { id: $id, class: Class::$class, meaning: $meaning };
        )*
        /// Every code, in order.
        pub static ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    UNKNOWN_COMMAND "E0101" Refused "The query names a command that does not exist."
    UNSUPPORTED_COMMAND "E0102" Refused "The query names a Splunk command that is refused by name."
    SYNTAX "E0103" Refused "The text does not follow the grammar at this place."
    UNCLOSED "E0104" Refused "A quote, bracket or parenthesis is opened and not closed."
    UNOPENED "E0105" Refused "A bracket or parenthesis is closed and was not opened."
    EMPTY_STAGE "E0106" Refused "There is nothing between two pipes."
    UNKNOWN_FUNCTION "E0107" Refused "An expression calls a function that does not exist."
    ARGUMENT_COUNT "E0108" Refused "A function or aggregate is called with the wrong number of arguments."
    UNKNOWN_OPTION "E0109" Refused "A command is given an option that it does not have."
    OPTION_VALUE "E0110" Refused "An option has a value that it can't take."
    MISSING_ARGUMENT "E0111" Refused "A command lacks an argument that it needs."
    BOOLEAN_RESULT "E0112" Refused "An eval expression gives a Boolean, which no field can hold."
    REGEX "E0113" Refused "A regular expression is not valid."
    TIME_FORMAT "E0114" Refused "A time, span or time zone can't be read."
    UNKNOWN_AGGREGATE "E0115" Refused "A statistical function does not exist."
    UNSUPPORTED_OPTION "E0116" Refused "An option that Splunk has is refused here."
    UNSUPPORTED_FUNCTION "E0117" Refused "A function that Splunk has is refused here."
    FIELD_NAME "E0118" Refused "A field name or pattern can't be used at this place."
    POSITION "E0119" Refused "A command stands where it can't: a generating one in the middle, prestats rows without a reader."
    TOO_DEEP "E0120" Refused "The query is nested too deeply."
    ARGUMENT_VALUE "E0121" Refused "A function is given a constant that it can't take."
    UNKNOWN_MACRO "E0201" Refused "A macro is called that is not defined."
    MACRO_ARGUMENTS "E0202" Refused "A macro is called with the wrong number of arguments."
    MACRO_CYCLE "E0203" Refused "A macro calls itself, directly or through others."
    MACRO_DEPTH "E0204" Refused "Macro calls are nested over 100 deep."
    MACRO_SIZE "E0205" Refused "Macro expansion grows over 1 MiB."
    MACRO_FILE "E0206" Refused "A macro file can't be read as macros."
    MACRO_VALIDATION "E0207" Refused "A macro's own validation refuses the arguments."
    MACRO_EVAL "E0208" Refused "An eval-based macro does not give a text."
    MACRO_EDIT "E0209" Refused "A change to a macro file would break it."
    SUPPRESSION "E0210" Refused "A suppression can't be added as asked."
    ARGUMENT "E0301" Refused "A command-line argument can't be used."
    QUERY_FILE "E0302" Refused "A saved query can't be found or read."
    INPUT_MISSING "E0303" Failed "An input does not exist or can't be opened."
    OUTPUT "E0304" Failed "The output can't be written."
    INPUT_BROKEN "E0401" Failed "Input can't be read as what it says it is."
    RUNTIME "E0402" Failed "The query failed while it ran."
    CANCELLED "E0403" Failed "The run was stopped."
    REGEX_LIMIT "E0404" Failed "A regular expression took too many steps."
    LOOKUP "E0406" Failed "A lookup table can't be found, read or written."
    MEMORY_LIMIT "E0405" Failed "An operator needs more memory than allowed."
}
