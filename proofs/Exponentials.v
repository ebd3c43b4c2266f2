(** Losses with exponentials: what softmax and log-sum-exp say of maxima. Over any real numbers of mathcomp-analysis, which
    has exponentials and logarithms; these rest on its axioms.

    \mean    see Norms.v *)

From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import reals sequences exp.
From Boundcheck Require Import Extrema Norms.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

Section Exponentials.
Variable R : realType.
Implicit Types (n : nat) (t : R).

Lemma sum_exp_gt0 n (F : 'I_n.+1 -> R) : 0 < \sum_(i < n.+1) expR (F i).
Proof.
rewrite (bigD1 ord0) //=; apply: ltr_spaddl; first exact: expR_gt0.
by apply: sumr_ge0 => i _; apply/ltW/expR_gt0.
Qed.

Lemma exp_le_sum n (F : 'I_n.+1 -> R) i : expR (F i) <= \sum_(j < n.+1) expR (F j).
Proof. by rewrite (bigD1 i) //= ler_addl; apply: sumr_ge0 => j _; apply/ltW/expR_gt0. Qed.

Lemma le_logsumexp n (F : 'I_n.+1 -> R) i : F i <= ln (\sum_(j < n.+1) expR (F j)).
Proof. by rewrite -{1}(expK (F i)) ler_ln ?posrE ?expR_gt0 ?sum_exp_gt0 // exp_le_sum. Qed.

(** The estimate of mutual information from n pairs is log n at most. *)
Theorem infonce_log_n (d n : nat) (x z : 'I_n.+1 -> 'rV[R]_d.+1) :
  \mean_(k < n.+1) ((\sum_(l < d.+1) x k 0 l * z k 0 l)
                    - ln (\sum_(j < n.+1) expR (\sum_(l < d.+1) x k 0 l * z j 0 l))) + ln n.+1%:R <= ln n.+1%:R.
Proof.
rewrite ger_addr; apply: mean_le => k; rewrite subr_le0.
exact: (le_logsumexp (fun j => \sum_(l < d.+1) x k 0 l * z j 0 l) k).
Qed.

(** The largest of pairs, and the logarithm of the sum of the exponentials of all. *)
Section Pairs.
Variables (q : nat) (a b : 'I_q.+1 -> R).
Let S := \sum_(k < q.+1) (expR (a k) + expR (b k)).
Let M := \big[Num.max/Num.max (a ord0) (b ord0)]_(k < q.+1) Num.max (a k) (b k).

Lemma pairs_gt0 : 0 < S.
Proof. by rewrite /S big_split; apply: addr_gt0; apply: sum_exp_gt0. Qed.

Lemma exp_le_pairs k : expR (Num.max (a k) (b k)) <= S.
Proof.
rewrite /S big_split /=; case: (leP (a k) (b k)) => _; apply: le_trans (exp_le_sum _ k) _.
  by rewrite ler_addr ltW ?sum_exp_gt0.
by rewrite ler_addl ltW ?sum_exp_gt0.
Qed.

Lemma max_le_pairs : M <= ln S.
Proof.
apply: bigmax_le => k; rewrite -[leLHS]expK ler_ln ?posrE ?expR_gt0 ?pairs_gt0 //.
exact: exp_le_pairs.
Qed.

Lemma pairs_le_max : ln S <= M + ln (2%:R * q.+1%:R).
Proof.
have size_gt0 : 0 < 2%:R * q.+1%:R :> R by rewrite mulr_gt0 ?ltr0n.
rewrite -[M in leRHS]expK -lnM ?posrE ?expR_gt0 // ler_ln ?posrE ?pairs_gt0 ?mulr_gt0 ?expR_gt0 ?ltr0n //.
have le_M k : Num.max (a k) (b k) <= M by apply: (le_bigmax (fun k => Num.max (a k) (b k))).
apply: (@le_trans _ _ (\sum_(k < q.+1) (expR M *+ 2))).
  apply: ler_sum => k _; rewrite mulr2n; apply: ler_add; rewrite ler_expR; apply: le_trans (le_M k).
    by rewrite le_maxr lexx.
  by rewrite le_maxr lexx orbT.
by rewrite sumr_const card_ord -mulrnA -[leLHS]mulr_natr natrM.
Qed.

End Pairs.

Section Lifted.
Set Default Proof Using "All".
Variables (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.
Variables (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (alpha : R).
Local Notation hardest i j :=
  (\big[Num.max/Num.max (alpha - N (x i - w ord0)) (alpha - N (z j - w ord0))]_(k < q.+1)
     Num.max (alpha - N (x i - w k)) (alpha - N (z j - w k))).
Local Notation smooth i j := (ln (\sum_(k < q.+1) (expR (alpha - N (x i - w k)) + expR (alpha - N (z j - w k))))).

Theorem lifted_structure :
  \mean_(i < n.+1) \mean_(j < p.+1) (hardest i j + N (x i - z j)) <=
  \mean_(i < n.+1) \mean_(j < p.+1) (smooth i j + N (x i - z j)).
Proof.
apply: mean_mono => i; apply: mean_mono => j; rewrite ler_add2r.
exact: (max_le_pairs (fun k => alpha - N (x i - w k)) (fun k => alpha - N (z j - w k))).
Qed.

Theorem lifted_structure_above :
  \mean_(i < n.+1) \mean_(j < p.+1) (smooth i j + N (x i - z j)) <=
  \mean_(i < n.+1) \mean_(j < p.+1) (hardest i j + N (x i - z j)) + ln (2%:R * q.+1%:R).
Proof.
rewrite [leRHS]addrC -mean_shift; apply: mean_mono => i; rewrite -mean_shift; apply: mean_mono => j.
rewrite addrA ler_add2r addrC.
exact: (pairs_le_max (fun k => alpha - N (x i - w k)) (fun k => alpha - N (z j - w k))).
Qed.

End Lifted.
End Exponentials.
