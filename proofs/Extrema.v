(** Largest and smallest values of a finite family of scalars.

    A family F : 'I_n.+1 -> R has at least one member, and its extrema are folds seeded with its first member:
      \big[Num.max/F ord0]_(i < n.+1) F i     the largest value
      \big[Num.min/F ord0]_(i < n.+1) F i     the smallest value
    A fold may also start from any other value x0, which then counts as a member. *)

From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section AnySeed.
Variables (R : realFieldType) (I : finType) (x0 : R).
Implicit Types (F G : I -> R) (b : R).

Lemma bigmax_seed_ge F : x0 <= \big[Num.max/x0]_i F i.
Proof. by elim/big_rec: _ => // i y _ le_y; rewrite le_maxr le_y orbT. Qed.

Lemma le_bigmax_seed F i : F i <= \big[Num.max/x0]_j F j.
Proof.
have : i \in index_enum I by exact: mem_index_enum.
elim: (index_enum I) => // j s IHs; rewrite in_cons big_cons le_maxr.
by case/orP => [/eqP->|/IHs->]; rewrite ?lexx ?orbT.
Qed.

Lemma bigmax_le_seed F b : x0 <= b -> (forall i, F i <= b) -> \big[Num.max/x0]_i F i <= b.
Proof. by move=> le0 leF; elim/big_rec: _ => // i y _ le_y; rewrite le_maxl leF. Qed.

Lemma bigmin_seed_le F : \big[Num.min/x0]_i F i <= x0.
Proof. by elim/big_rec: _ => // i y _ le_y; rewrite le_minl le_y orbT. Qed.

Lemma bigmin_le_seed F i : \big[Num.min/x0]_j F j <= F i.
Proof.
have : i \in index_enum I by exact: mem_index_enum.
elim: (index_enum I) => // j s IHs; rewrite in_cons big_cons le_minl.
by case/orP => [/eqP->|/IHs->]; rewrite ?lexx ?orbT.
Qed.

Lemma le_bigmin_seed F b : b <= x0 -> (forall i, b <= F i) -> b <= \big[Num.min/x0]_i F i.
Proof. by move=> le0 leF; elim/big_rec: _ => // i y _ le_y; rewrite le_minr leF. Qed.

End AnySeed.

Section Families.
Variables (R : realFieldType) (n : nat).
Implicit Types (F G : 'I_n.+1 -> R) (b : R).

Lemma le_bigmax F i : F i <= \big[Num.max/F ord0]_(j < n.+1) F j.
Proof. exact: le_bigmax_seed. Qed.

Lemma bigmax_le F b : (forall i, F i <= b) -> \big[Num.max/F ord0]_(i < n.+1) F i <= b.
Proof. by move=> leF; apply: bigmax_le_seed. Qed.

Lemma bigmin_le F i : \big[Num.min/F ord0]_(j < n.+1) F j <= F i.
Proof. exact: bigmin_le_seed. Qed.

Lemma le_bigmin F b : (forall i, b <= F i) -> b <= \big[Num.min/F ord0]_(i < n.+1) F i.
Proof. by move=> leF; apply: le_bigmin_seed. Qed.

Lemma bigmax_attained F : exists i, \big[Num.max/F ord0]_(j < n.+1) F j = F i.
Proof.
elim/big_ind: _ => [|a b [i ->] [j ->]|i _]; [by exists ord0| |by exists i].
by case: (leP (F i) (F j)) => _; [exists j|exists i].
Qed.

Lemma bigmin_attained F : exists i, \big[Num.min/F ord0]_(j < n.+1) F j = F i.
Proof.
elim/big_ind: _ => [|a b [i ->] [j ->]|i _]; [by exists ord0| |by exists i].
by case: (leP (F i) (F j)) => _; [exists i|exists j].
Qed.

Lemma bigmax_lt F b : (forall i, F i < b) -> \big[Num.max/F ord0]_(i < n.+1) F i < b.
Proof. by move=> ltF; have [i ->] := bigmax_attained F. Qed.

Lemma lt_bigmin F b : (forall i, b < F i) -> b < \big[Num.min/F ord0]_(i < n.+1) F i.
Proof. by move=> ltF; have [i ->] := bigmin_attained F. Qed.

Lemma bigmax_mono F G :
  (forall i, F i <= G i) -> \big[Num.max/F ord0]_(i < n.+1) F i <= \big[Num.max/G ord0]_(i < n.+1) G i.
Proof. by move=> leFG; apply: bigmax_le => i; apply: le_trans (leFG i) (le_bigmax G i). Qed.

Lemma bigmin_mono F G :
  (forall i, F i <= G i) -> \big[Num.min/F ord0]_(i < n.+1) F i <= \big[Num.min/G ord0]_(i < n.+1) G i.
Proof. by move=> leFG; apply: le_bigmin => i; apply: le_trans (bigmin_le F i) (leFG i). Qed.

Lemma bigmin_le_bigmax F :
  \big[Num.min/F ord0]_(i < n.+1) F i <= \big[Num.max/F ord0]_(i < n.+1) F i.
Proof. exact: le_trans (bigmin_le F ord0) (le_bigmax F ord0). Qed.

Lemma bigmax_const b : \big[Num.max/b]_(i < n.+1) b = b.
Proof. by elim/big_ind: _ => // a c -> ->; rewrite maxxx. Qed.

Lemma bigmin_const b : \big[Num.min/b]_(i < n.+1) b = b.
Proof. by elim/big_ind: _ => // a c -> ->; rewrite minxx. Qed.

End Families.

(** Two indices: each fold is seeded with its own body at ord0. *)
Lemma le_bigmax2 (R : realFieldType) n q (F : 'I_n.+1 -> 'I_q.+1 -> R) i k :
  F i k <= \big[Num.max/(\big[Num.max/F ord0 ord0]_(k < q.+1) F ord0 k)]_(i < n.+1)
             \big[Num.max/F i ord0]_(k < q.+1) F i k.
Proof.
exact: le_trans (le_bigmax (F i) k) (le_bigmax (fun i => \big[Num.max/F i ord0]_(k < q.+1) F i k) i).
Qed.
