(** How far coordinate-wise maxima and minima of two collections are apart, by their Hausdorff distance.

    rowdist, supdist      the Euclidean and the sup-norm distance of two rows
    hausdorff2 D n p x z  the Hausdorff distance of both sides by a distance D *)

From mathcomp Require Import all_ssreflect all_algebra.
From Boundcheck Require Import Extrema Norms Searching.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation rowdist d u v := (Num.sqrt (\sum_(l < d) (u 0 l - v 0 l) ^+ 2)) (only parsing).
Local Notation supdist d u v := (\big[Num.max/0]_(l < d) `|u 0 l - v 0 l|) (only parsing).
Local Notation hausdorff2 D n p x z :=
  (Num.max (largest n (fun i => least p (fun j => D (x i) (z j))))
           (largest p (fun j => least n (fun i => D (x i) (z j))))) (only parsing).

(** Where each value of one family has one of the other near, the maxima are near, and so are the minima. *)
Section Near.
Variables (R : realFieldType) (n p : nat) (x : 'I_n.+1 -> R) (z : 'I_p.+1 -> R) (H : R).
Hypothesis near_x : forall i, exists j, `|x i - z j| <= H.
Hypothesis near_z : forall j, exists i, `|x i - z j| <= H.

Lemma max_near : `|(\big[Num.max/x ord0]_(i < n.+1) x i) - (\big[Num.max/z ord0]_(j < p.+1) z j)| <= H.
Proof.
rewrite ler_norml; apply/andP; split.
  have [j ->] := bigmax_attained z; have [i] := near_z j; rewrite ler_norml => /andP[le_H _].
  by apply: le_trans le_H _; rewrite ler_add2r; apply: (le_bigmax x).
have [i ->] := bigmax_attained x; have [j] := near_x i; rewrite ler_norml => /andP[_ le_H].
by apply: le_trans le_H; rewrite ler_add2l ler_oppr opprK; apply: (le_bigmax z).
Qed.

Lemma min_near : `|(\big[Num.min/x ord0]_(i < n.+1) x i) - (\big[Num.min/z ord0]_(j < p.+1) z j)| <= H.
Proof.
rewrite ler_norml; apply/andP; split.
  have [i ->] := bigmin_attained x; have [j] := near_x i; rewrite ler_norml => /andP[le_H _].
  by apply: le_trans le_H _; rewrite ler_add2l ler_oppr opprK; apply: (bigmin_le z).
have [j ->] := bigmin_attained z; have [i] := near_z j; rewrite ler_norml => /andP[_ le_H].
by apply: le_trans le_H; rewrite ler_add2r; apply: (bigmin_le x).
Qed.

End Near.

(** Every point has one of the other collection within the Hausdorff distance. *)
Lemma hausdorff_near (R : realFieldType) n p (D : 'I_n.+1 -> 'I_p.+1 -> R) :
  let H := Num.max (largest n (fun i => least p (fun j => D i j))) (largest p (fun j => least n (fun i => D i j))) in
  (forall i, exists j, D i j <= H) /\ (forall j, exists i, D i j <= H).
Proof.
split=> [i|j].
  have [j le_j] := bigmin_attained (fun j => D i j); exists j; rewrite -le_j le_maxr.
  by rewrite (le_bigmax (fun i => least p (fun j => D i j))).
have [i le_i] := bigmin_attained (fun i => D i j); exists i; rewrite -le_i le_maxr.
by rewrite (le_bigmax (fun j => least n (fun i => D i j))) orbT.
Qed.

Theorem maximum_hausdorff (R : rcfType) (d n p : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) :
  Num.sqrt (\sum_(l < d.+1) ((\big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) -
                             (\big[Num.max/z ord0 0 l]_(j < p.+1) z j 0 l)) ^+ 2) <=
  Num.sqrt d.+1%:R * hausdorff2 (fun u v => rowdist d.+1 u v) n p x z.
Proof.
have [near_x near_z] := hausdorff_near (fun i j => rowdist d.+1 (x i) (z j)); move: near_x near_z.
set H := Num.max _ _ => near_x near_z.
have H_ge0 : 0 <= H by have [j] := near_x ord0; apply: le_trans; apply: sqrtr_ge0.
have coordinate (u v : 'rV[R]_d.+1) l : rowdist d.+1 u v <= H -> `|u 0 l - v 0 l| <= H.
  apply: le_trans; rewrite -sqrtr_sqr; apply: ler_wsqrtr; rewrite (bigD1 l) //= ler_addl.
  by apply: sumr_ge0 => l' _; apply: sqr_ge0.
rewrite -[X in _ <= _ * X](ger0_norm H_ge0) -sqrtr_sqr -sqrtrM ?ler0n //; apply: ler_wsqrtr.
rewrite mulr_natl -[X in _ *+ X]card_ord -sumr_const; apply: ler_sum => l _.
rewrite -[leLHS]ger0_norm ?sqr_ge0 // normrX; apply: ler_expn2r; rewrite ?nnegrE //.
apply: (max_near (x := fun i => x i 0 l) (z := fun j => z j 0 l)) => [i|j].
  by have [j near] := near_x i; exists j; apply: coordinate.
by have [i near] := near_z j; exists i; apply: coordinate.
Qed.

Theorem minimum_hausdorff (R : realFieldType) (d n p : nat) (x : 'I_n.+1 -> 'rV[R]_d.+1) (z : 'I_p.+1 -> 'rV[R]_d.+1) :
  \big[Num.max/0]_(l < d.+1) `|(\big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l) -
                               (\big[Num.min/z ord0 0 l]_(j < p.+1) z j 0 l)| <=
  hausdorff2 (fun u v => supdist d.+1 u v) n p x z.
Proof.
have [near_x near_z] := hausdorff_near (fun i j => supdist d.+1 (x i) (z j)); move: near_x near_z.
set H := Num.max _ _ => near_x near_z.
have coordinate (u v : 'rV[R]_d.+1) l : supdist d.+1 u v <= H -> `|u 0 l - v 0 l| <= H.
  exact: le_trans (le_bigmax_seed 0 (fun l => `|u 0 l - v 0 l|) l).
apply: bigmax_le_seed => [|l]; first by have [j] := near_x ord0; apply: le_trans; apply: bigmax_seed_ge.
apply: (min_near (x := fun i => x i 0 l) (z := fun j => z j 0 l)) => [i|j].
  by have [j near] := near_x i; exists j; apply: coordinate.
by have [i near] := near_z j; exists i; apply: coordinate.
Qed.
