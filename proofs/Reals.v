(** Instances over the real numbers: the bounds that hold in any norm, read in mathcomp-analysis' normed modules and in
    Euclidean space. Only here do proofs inherit classical axioms, those that the real numbers rest on.

      normedModType R            a normed module; `|v| is the norm of v
      'rV[R]_d, length d u       rows of d real numbers, Num.sqrt (\sum_(l < d) u 0 l ^+ 2)
      Rdefinitions.R             Coq's own real numbers *)

From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import reals normedtype Rstruct.
From Boundcheck Require Import Extrema Inner Norms Karimov Upper.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

(* -------------------------------------------------------------------------------------------------- normed modules *)

Theorem karimov_normed_module (R : realFieldType) (V : normedModType R) (n : nat) (x z w : 'I_n.+1 -> V) (m : R) :
  (forall (i j k : 'I_n.+1), `|x i - z j| - `|x i - w k| <= m) ->
  `|centroid n x - centroid n z| <= 2%:R * Num.max m (farthest Num.norm n n x w).
Proof. exact: (karimov (@ler_norm_add _ V) (@normrZ _ V)). Qed.

Theorem chamfer_normed_module (R : realFieldType) (V : normedModType R) (n p q : nat)
    (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), `|x i - z j| - `|x i - w k| <= m) ->
  `|centroid n x - centroid p z| <= m + \mean_(i < n.+1) nearest Num.norm q w (x i).
Proof. exact: (chamfer (@ler_norm_add _ V) (@normrZ _ V)). Qed.

(* ------------------------------------------------------------------------------------------------- Euclidean space *)

Notation length d u := (Num.sqrt (\sum_(l < d) u 0 l ^+ 2)) (only parsing).

Section Rows.
Variables (R : rcfType) (d : nat).
Implicit Types (u v : 'rV[R]_d) (a : R).

Let dot u v : R := \sum_(l < d) u 0 l * v 0 l.

Let dotP : semi_inner dot.
Proof.
split=> [u v|a u v|u u' v|u].
- by apply: eq_bigr => l _; rewrite mulrC.
- by rewrite /dot mulr_sumr; apply: eq_bigr => l _; rewrite mxE mulrA.
- by rewrite /dot -big_split; apply: eq_bigr => l _; rewrite mxE mulrDl.
- by apply: sumr_ge0 => l _; rewrite -expr2 sqr_ge0.
Qed.

Lemma length_normD u v : length d (u + v) <= length d u + length d v.
Proof. exact: (norm_triangle dotP u v). Qed.

Lemma length_normZ a u : length d (a *: u) = `|a| * length d u.
Proof. exact: (norm_homogeneous dotP a u). Qed.

End Rows.

Theorem karimov_euclidean (R : realType) (d n : nat) (x z w : 'I_n.+1 -> 'rV[R]_d) (m : R) :
  (forall (i j k : 'I_n.+1), length d (x i - z j) - length d (x i - w k) <= m) ->
  length d (centroid n x - centroid n z) <=
  2%:R * Num.max m (farthest (fun u : 'rV[R]_d => length d u) n n x w).
Proof. exact: (karimov (@length_normD R d) (@length_normZ R d)). Qed.

Theorem chamfer_euclidean (R : realType) (d n p q : nat)
    (x : 'I_n.+1 -> 'rV[R]_d) (z : 'I_p.+1 -> 'rV[R]_d) (w : 'I_q.+1 -> 'rV[R]_d) (m : R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), length d (x i - z j) - length d (x i - w k) <= m) ->
  length d (centroid n x - centroid p z) <=
  m + \mean_(i < n.+1) nearest (fun u : 'rV[R]_d => length d u) q w (x i).
Proof. exact: (chamfer (@length_normD R d) (@length_normZ R d)). Qed.

(** Over Coq's own real numbers. *)
Theorem karimov_coq_reals (d n : nat) (x z w : 'I_n.+1 -> 'rV[Rdefinitions.R]_d) (m : Rdefinitions.R) :
  (forall (i j k : 'I_n.+1), length d (x i - z j) - length d (x i - w k) <= m) ->
  length d (centroid n x - centroid n z) <=
  2%:R * Num.max m (farthest (fun u : 'rV[Rdefinitions.R]_d => length d u) n n x w).
Proof. exact: karimov_euclidean. Qed.
