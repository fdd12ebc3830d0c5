#!/bin/bash -p
# For the launcher slot of an agent. dash and busybox drop variables whose names no shell can say before a script could do anything about
# it; bash keeps them. -p: no functions, options or start files from the environment. Fill in where qw-exec is.
_qw_bins=@BINS@
. "$_qw_bins/qw-exec"
