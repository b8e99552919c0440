#!/bin/sh
# A Slurm of two nodes on this machine alone, without systemd, cgroups or a database, for tests.
#
# usage: cluster.sh start DIR | cut DIR NODE | stop DIR
#   start   munged, slurmctld and slurmd for n1 and n2, everything below DIR (a short path: sockets
#           may have 107 bytes). Then SLURM_CONF=DIR/slurm.conf is the cluster.
#   cut     the node loses its power: slurmd and all that it has started are gone at once
#   stop    ends what was started
#   missing says in one line why no cluster can be had here; nothing where one can
set -eu
PATH=$PATH:/usr/sbin:/sbin

missing() {
  for program in slurmctld slurmd munged sbatch squeue scontrol scancel unshare; do
    command -v "$program" >/dev/null || { echo "no $program here"; return; }
  done
  # Slurm listens where the host's own name leads.
  address=$(getent ahostsv4 "$(hostname -s)" | awk 'NR == 1 { print $1 }')
  case $address in
    127.*) ;;
    *) echo "this host's name leads to '$address', not to 127.x: add it to the first line of /etc/hosts" ;;
  esac
}

# begin NAME COMMAND...: in a session of its own, its number in $dir/NAME.pid
begin() {
  name=$1
  shift
  setsid "$@" </dev/null >>"$dir/$name.out" 2>&1 &
  echo $! >"$dir/$name.pid"
}

# A namespace of process numbers for each node: where its first process dies, all of them do.
node() {
  user=
  [ "$(id -u)" -eq 0 ] || user='--user --map-current-user'
  # shellcheck disable=SC2086
  begin "$1" unshare $user --pid --fork --mount-proc --kill-child slurmd -D -N "$1" -f "$SLURM_CONF"
}

configuration() {
  host=$(hostname -s)
  cat <<END
ClusterName=gapbench
SlurmctldHost=$host($address)
SlurmctldPort=$port
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
CredType=cred/munge
# How long a credential lives is also how long a job that was put back must wait; 5 s is the least.
AuthInfo=socket=$dir/munge.socket,cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
StateSaveLocation=$dir/state
TmpFS=$dir
SlurmdSpoolDir=$dir/spool-%n
SlurmctldPidFile=$dir/slurmctld.own
SlurmdPidFile=$dir/slurmd-%n.own
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd-%n.log
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1,bf_window=60,bf_resolution=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=1
JobRequeue=1
SlurmdTimeout=60
MessageTimeout=20
TCPTimeout=5
KillWait=5
UnkillableStepTimeout=15
MinJobAge=60
SlurmdParameters=config_overrides
NodeName=n1 NodeHostname=$host NodeAddr=$address Port=$((port + 1)) CPUs=2 RealMemory=4000 State=UNKNOWN
NodeName=n2 NodeHostname=$host NodeAddr=$address Port=$((port + 2)) CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
}

wait_for() { # seconds, command...
  left=$(($1 * 20))
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 0.05
  done
}
idle_nodes() { [ "$(sinfo -h -N -t idle -o %N 2>/dev/null | wc -l)" -ge "$1" ]; }

start() {
  reason=$(missing)
  [ -z "$reason" ] || { echo "$reason"; exit 1; }
  address=$(getent ahostsv4 "$(hostname -s)" | awk 'NR == 1 { print $1 }')
  port=$((20000 + $$ % 4000 * 3))
  mkdir -p "$dir/state" "$dir/spool-n1" "$dir/spool-n2"
  chmod 755 "$dir" # munged wants that whoever asks it can reach its socket
  (umask 077 && dd if=/dev/urandom of="$dir/munge.key" bs=128 count=1 status=none)
  configuration >"$SLURM_CONF"
  begin munged munged -F --force --socket="$dir/munge.socket" --key-file="$dir/munge.key" \
    --pid-file="$dir/munged.own" --seed-file="$dir/munged.seed" --log-file="$dir/munged.log" \
    --num-threads=2
  wait_for 10 test -S "$dir/munge.socket" || { cat "$dir/munged.out"; exit 1; }
  begin slurmctld slurmctld -D -i -f "$SLURM_CONF"
  node n1
  node n2
  wait_for 30 idle_nodes 2 || { tail -n 20 "$dir"/*.out "$dir"/*.log; exit 1; }
}

# A zombie has ended, whoever has not asked for it yet.
lives() {
  state=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) && [ "${state%% *}" != Z ]
}
has_ended() { ! lives "$1"; }

end() { # name, signal
  [ -e "$dir/$1.pid" ] || return 0
  pid=$(cat "$dir/$1.pid")
  rm "$dir/$1.pid"
  lives "$pid" || return 0
  kill -s "$2" "$pid" 2>/dev/null || return 0
  wait_for 10 has_ended "$pid" || kill -KILL "$pid" 2>/dev/null || true
}

stop() {
  jobs=$(squeue -h -o %A 2>/dev/null | sort -u || true)
  # shellcheck disable=SC2086
  [ -z "$jobs" ] || scancel $jobs 2>/dev/null || true
  for name in n1 n2; do end "$name" KILL; done
  for name in slurmctld munged; do end "$name" TERM; done
}

dir=${2:-}
export SLURM_CONF="$dir/slurm.conf"
case ${1:-} in
  missing) missing ;;
  start) start ;;
  cut)
    end "$3" KILL
    # What Slurm would notice itself, after a time that a busy machine must not run into.
    scontrol update "nodename=$3" state=down reason=cut
    ;;
  stop) stop ;;
  *)
    echo "usage: cluster.sh missing | start DIR | cut DIR NODE | stop DIR" >&2
    exit 2
    ;;
esac
