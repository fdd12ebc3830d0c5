#!/bin/sh
# qw-exec [options] [--] <command> [args…]: opens a session and becomes the command. docs/exec.md says what it promises.
# The names here begin with _qw_: a variable of the user's that is assigned to would reach the command changed.
#
# A start is prepared by qw-prep.sh from a plan, if there is one that still holds; else by `qw-run --prepare`, which also
# writes the plan. A plan is data: it is compared and copied, never sourced. Whatever fails here, the command runs.
_qw_nl='
' _qw_tab='	'
_qw_pid=$$ _qw_start= _qw_why= _qw_skip= _qw_can= _qw_opened= _qw_vars= _qw_edits=

# Where the command begins: the first word that is no option. Sets _qw_count, and the options in _qw_options.
_qw_split() {
  _qw_count=0 _qw_options=
  while [ $# -gt 0 ]; do
    case $1 in
      --) _qw_count=$((_qw_count + 1)); [ $# -gt 1 ]; return ;;
      --root | --label | --backend | --grace | --survivors | --spare | --daemon | --isolate | --size | --share)
        [ $# -gt 1 ] || return 1
        _qw_options="$_qw_options$1=$2|" _qw_count=$((_qw_count + 2))
        shift 2
        ;;
      --help | -h | --version) return 1 ;;
      -?*) _qw_options="$_qw_options$1|" _qw_count=$((_qw_count + 1)); shift ;;
      *) return 0 ;;
    esac
  done
  return 1
}

# The start time of this process, which stays the same when it becomes the command. 1: no procfs, or another pid namespace's.
_qw_identify() {
  { IFS= read -r _qw_line </proc/self/stat; } 2>/dev/null || return 1
  case $_qw_line in "$_qw_pid "*) ;; *) return 1 ;; esac
  # Behind the name, which may have more of these: `##` tries all ends of the line first.
  while case $_qw_line in *') '*) ;; *) false ;; esac do _qw_line=${_qw_line#*) }; done
  IFS=' '
  set -f
  set -- $_qw_line
  _qw_start=${20-}
  unset IFS
  case $_qw_start in '' | *[!0-9]*) return 1 ;; esac
}

_qw_find_setsid() {
  for _qw_setsid in /usr/bin/setsid /bin/setsid /run/current-system/sw/bin/setsid; do
    [ ! -x "$_qw_setsid" ] || return 0
  done
  return 1
}

# A daemon of Claude's, and the host of a terminal, hand their environment on to sessions of others: nothing of ours in it.
_qw_is_host() {
  case ${1##*/} in claude | claude.exe | [0-9]*.[0-9]*.[0-9]*) ;; *) return 1 ;; esac
  case ${2-} in daemon | --bg-pty-host) return 0 ;; esac
  return 1
}

# A relaunch in place: the session that we are in has this very process for its owner or its agent.
_qw_is_relaunch() {
  case ${QW_SESSION-} in '' | *[!a-z0-9]*) return 1 ;; esac
  _qw_file=${QW_ROOT-}/$QW_SESSION/lease.json _qw_line=
  [ -f "$_qw_file" ] && [ ! -L "$_qw_file" ] && [ -O "$_qw_file" ] || return 1
  IFS= read -r _qw_line <"$_qw_file" || return 1
  _qw_who="{\"pid\":$_qw_pid,\"startTime\":$_qw_start"
  case $_qw_line in *"\"owner\":$_qw_who,"* | *"\"agent\":$_qw_who}"*) return 0 ;; esac
  return 1
}

# What a plan answers, and where it lies. $1: the command.
_qw_ask() {
  case ${XDG_STATE_HOME-} in
    /*) _qw_state=$XDG_STATE_HOME/qw-run ;;
    *) _qw_state=${HOME-}/.local/state/qw-run ;;
  esac
  _qw_name=${1##*/}-${PWD##*/}
  case $_qw_name in *[!A-Za-z0-9._-]*) _qw_name=${1##*/}- ;; esac
  case $_qw_name in *[!A-Za-z0-9._-]*) _qw_name=- ;; esac
  _qw_plan=$_qw_state/plans/$_qw_name
  _qw_question="$0|$1|$_qw_options|${PWD-}|${PATH-}|${HOME-}|${XDG_STATE_HOME-}|${TMPDIR-}|${QW_ROOT-}|${QW_SESSION-}"
  _qw_question="$_qw_question|${QW_ISOLATE-}|${QW_GRACE-}|${QW_SURVIVORS-}|${QW_SPARE-}|${QW_DAEMON-}|${QW_MAX_AGE-}"
  _qw_question="$_qw_question|${QW_WORKTREES-}|${QW_LOG-}|${QW_REAP-}|${CLAUDE_CONFIG_DIR-}|${CODEX_HOME-}|${GEMINI_CLI_HOME-}|${USER-}|${LOGNAME-}"
}

# Reads the plan, as plan.ts writes it: each line is a word and its values, with tabs between. A shell reads byte by byte, so
# what shows that it is for another start comes first. $@: the command.
_qw_read() {
  _qw_vars=
  IFS= read -r _qw_line && [ "$_qw_line" = "question $_qw_question" ] || return 1
  IFS=$_qw_tab
  _qw_is_now boot /proc/sys/kernel/random/boot_id && _qw_boot=$_qw_value || return 1
  _qw_is_now host /proc/sys/kernel/hostname || return 1
  read -r _qw_line _qw_value
  for _qw_file in $_qw_value; do [ ! -e "$_qw_file" ] || return 1; done
  read -r _qw_line _qw_value
  for _qw_word in $_qw_value; do ! _qw_is_among "$_qw_word" "$@" || return 1; done
  read -r _qw_line _qw_value
  [ -z "$_qw_value" ] || [ "$_qw_value" = "${2-}" ] || return 1
  read -r _qw_line _qw_files
  read -r _qw_line _qw_sees
  read -r _qw_line _qw_stat _qw_prep _qw_mkdir _qw_sync
  read -r _qw_line _qw_run
  read -r _qw_line _qw_root _qw_lock
  read -r _qw_line _qw_word _qw_cwd _qw_owner _qw_lease
  while IFS= read -r _qw_line; do
    [ "$_qw_line" != end ] || return 0
    _qw_vars=$_qw_vars$_qw_line$_qw_nl
  done
  return 1
}

# The next line is $1 and what $2 says.
_qw_is_now() {
  read -r _qw_line _qw_value && read -r _qw_file <"$2" && [ "$_qw_line $_qw_file" = "$1 $_qw_value" ]
}

# An argument is $1, or begins with it and an equals sign.
_qw_is_among() {
  _qw_word=$1
  shift
  for _qw_arg do
    case $_qw_arg in "$_qw_word" | "$_qw_word="*) return 0 ;; esac
  done
  return 1
}

# Prints the end of the lease, if the plan holds: what stat says of each file has to match its pattern. Our own file in procfs
# is the last one, for the time.
_qw_holds() {
  set -- $(TZ=UTC0 LC_ALL=C "$_qw_stat" -L -c '%i %s %z %d %f %u %Y' -- "$_qw_plan" $_qw_files /proc/self/stat)
  case "$*" in $_qw_sees) ;; *) return 1 ;; esac
  shift $(($# - 1))
  IFS=' '
  set -- $1
  _qw_ms=${4#*.} && _qw_ms=1${_qw_ms%"${_qw_ms#???}"}
  read -r _qw_up _qw_line </proc/uptime || return 1
  _qw_up=${_qw_up%.*}${_qw_up#*.}
  [ "$_qw_up" -ge "$_qw_start" ] || _qw_up=$_qw_start
  printf ',"createdAt":"%s","bootedAt":%s}\n' "$3T$4Z" $(($9 * 1000 + _qw_ms - 1000 - _qw_up * 10))
}

# Sets _qw_id: of a pid and a start time there is one process a boot.
_qw_make_id() {
  _qw_n=$(((_qw_start * 4194304 + _qw_pid) % 2821109907456)) _qw_id=
  while [ ${#_qw_id} -lt 8 ]; do
    set -- 0 1 2 3 4 5 6 7 8 9 a b c d e f g h i j k l m n o p q r s t u v w x y z
    shift $((_qw_n % 36))
    _qw_id=$1$_qw_id _qw_n=$((_qw_n / 36))
  done
}

# The command for the lease, as JSON. What would have to be escaped is left out: a shell takes seconds for that.
_qw_tell_command() {
  shift
  _qw_json=$_qw_word
  for _qw_arg do
    case $_qw_arg in *[!A-Za-z0-9\ _./:=,@%+*?-]*) _qw_json="$_qw_word,\"…\"" && return ;; esac
    _qw_json="$_qw_json,\"$_qw_arg\""
    [ ${#_qw_json} -lt 1500 ] || { _qw_json="$_qw_word,\"…\"" && return; }
  done
}

# By a plan: 1 where there is none that holds. $@: the command. qw-prep.sh starts while the plan is checked; it makes nothing
# before it has the whole lease.
_qw_by_plan() {
  [ -z "${QW_SESSION-}" ] && [ -f "$_qw_plan" ] && [ ! -L "$_qw_plan" ] && [ -O "$_qw_plan" ] || return 1
  _qw_read "$@" <"$_qw_plan" && [ ! -L "$_qw_root" ] || return 1
  _qw_make_id
  _qw_tell_command "$@"
  _qw_who="\"pid\":$_qw_pid,\"startTime\":$_qw_start" _qw_name=-
  _qw_lease="{\"version\":1,\"id\":\"$_qw_id\",$_qw_lease,\"command\":[$_qw_json],\"cwd\":$_qw_cwd"
  _qw_lease="$_qw_lease,\"owner\":{$_qw_who,\"bootId\":\"$_qw_boot\",$_qw_owner},\"agent\":{$_qw_who}"
  [ "$_qw_lock" = - ] || { _qw_name=.lock-$_qw_pid-$_qw_start-$_qw_lock && _qw_lease="$_qw_lease,\"lock\":\"$_qw_name\""; }
  IFS=$_qw_tab$_qw_nl
  _qw_holds </dev/null 2>/dev/null | LC_ALL=C "$_qw_setsid" /bin/sh "$_qw_prep" "$_qw_root" "$_qw_id" "$_qw_name" "$_qw_lease" \
    "$_qw_mkdir" "$_qw_sync" "$_qw_pid" "$_qw_start" $_qw_run "$_qw_boot" >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

# Exports what was said of the environment.
_qw_apply() {
  IFS=$_qw_nl
  set -f
  for _qw_line in $_qw_vars; do
    _qw_value=${_qw_line#* } && _qw_name=${_qw_value%% *}
    case $_qw_name in '' | *[!A-Za-z0-9_]* | [0-9]*) continue ;; esac
    _qw_value=${_qw_value#"$_qw_name"} && _qw_value=${_qw_value# }
    case $_qw_line in
      'set '*) export "$_qw_name=$_qw_value" ;;
      'place '*) export "$_qw_name=$_qw_root/$_qw_id/tmp$_qw_value" ;;
      'id '*) export "$_qw_name=$_qw_id" ;;
      'unset '*) unset "$_qw_name" ;;
    esac
  done
  unset IFS
}

# By a plan, or where there is nothing to open. $@: what we were called with.
_qw_open() {
  shift "$_qw_skip"
  if _qw_is_host "$@"; then
    [ -z "${QW_SESSION-}" ] || unset TMPDIR TMP TEMP QW_SESSION QW_ROOT
    return 0
  fi
  _qw_is_relaunch && return 0
  _qw_ask "$1"
  _qw_by_plan "$@"
}

if _qw_split "$@" && _qw_skip=$_qw_count && [ "$_qw_pid" != 1 ] && _qw_identify && _qw_find_setsid; then
  _qw_can=1
  if _qw_open "$@"; then
    _qw_apply
    shift "$_qw_skip"
    exec "$@"
  fi
fi

# From here on it takes longer anyway: a shell reads the rest only now.
unset IFS

# Our other files are where this one really is; a launcher that reads this one says where (qw-launcher.sh).
_qw_locate() {
  _qw_why='node or the files of qw-run are missing'
  [ "${_qw_bins-}" ] || { _qw_bins=$(PATH=/usr/bin:/bin:/run/current-system/sw/bin readlink -f -- "$0" 2>/dev/null) && _qw_bins=${_qw_bins%/*}; }
  [ -f "$_qw_bins/qw-run.cjs" ] && _qw_node=$(command -v node)
}

# By our TypeScript, which says what is to be changed of environment and arguments.
_qw_by_planner() {
  _qw_locate || return 1
  _qw_answer=$("$_qw_setsid" "$_qw_node" "$_qw_bins/qw-run.cjs" --prepare "$_qw_pid" "$_qw_start" "$_qw_plan" "$_qw_question" "$@" \
    </dev/null 2>/dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-)
  _qw_status=$? _qw_why='the planner failed' _qw_vars= _qw_edits=
  IFS=$_qw_nl
  set -f
  for _qw_line in $_qw_answer; do
    case $_qw_line in
      'say '*) _qw_why=${_qw_line#say } ;;
      'keep '* | 'skip '* | 'add '*) _qw_edits=$_qw_edits$_qw_line$_qw_nl ;;
      *) _qw_vars=$_qw_vars$_qw_line$_qw_nl ;;
    esac
  done
  unset IFS
  [ $_qw_status != 2 ] || _qw_refuse 125
  [ $_qw_status = 0 ]
}

_qw_refuse() {
  printf 'qw-exec: %s\n' "$_qw_why" >&2
  exit "$1"
}

if [ "$_qw_can" ]; then
  _qw_by_planner "$@" && _qw_apply && _qw_opened=1
else
  _qw_locate && exec "$_qw_node" "$_qw_bins/qw-run.cjs" "$@" # which stays
  [ "$_qw_skip" ] || _qw_refuse 125
fi
[ "$_qw_opened" ] || [ "${QW_EXEC_STRICT-}" != 1 ] || _qw_refuse 125
shift "$_qw_skip"
if [ "$_qw_edits" ]; then
  IFS=$_qw_nl
  set -f
  for _qw_line in $_qw_edits; do
    _qw_value=${_qw_line#* }
    case $_qw_line in
      'keep '*)
        while [ "$_qw_value" -gt 0 ]; do
          set -- "$@" "$1"
          shift
          _qw_value=$((_qw_value - 1))
        done
        ;;
      'skip '*) shift "$_qw_value" ;;
      'add '*) set -- "$@" "$_qw_value" ;;
    esac
  done
  unset IFS
fi
exec "$@"
