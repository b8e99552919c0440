// Standard output at the program's end: was all of it written?
#pragma once

namespace gapbench::cli {

/// Opens /dev/null in the place of standard streams that are closed: else the next file that is
/// opened would become one, and what is printed would end in a record.
void open_closed_streams();

/// Flushes standard output. Where something of it was lost, says so in one line on standard error
/// and returns usage_error, else `code`. A reader that has gone (`| head`) has got what it wanted:
/// that is no error. A file that took a part keeps whole lines only, so that no number is cut.
int checked_output(int code);

}  // namespace gapbench::cli
