"""What somebody takes along: files that say what they hold, as CSV, LaTeX and Markdown. No file is written here."""
